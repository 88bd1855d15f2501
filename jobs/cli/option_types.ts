/** @module Kinds of option values that several verbs take, with the sentences they are refused with. */
import { z } from "zod";
import type { Vec3 } from "../../shared/imaging/volume.ts";

/** Stores are given as people name them. */
export const store = z.string().min(1).meta({ placeholder: "store" });

function numbersOf(text: string): number[] {
  return text.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
}

function triple(isValid: (value: number) => boolean, message: string) {
  return z.string()
    .refine((text) => {
      const values = numbersOf(text);
      return values.length === 3 && values.every(isValid);
    }, message)
    .transform((text): Vec3 => {
      const [x, y, z] = numbersOf(text);
      return [x!, y!, z!];
    })
    .meta({ placeholder: "x,y,z" });
}

/** `x,y,z` in voxels. */
export const voxels = triple(
  (value) => Number.isInteger(value) && value >= 1 && value <= 4096,
  "takes three whole numbers of voxels between 1 and 4096, such as 64,64,64",
);

/** `x,y,z` in millimetres. */
export const spacing = triple(
  (value) => value > 0 && value <= 1000,
  "takes three positive numbers of millimetres, such as 4,4,4",
);

/** `native`, or `x,y,z` in millimetres. */
export const nativeOrSpacing = z.union([z.literal("native"), spacing], {
  error:
    "takes native, or three positive numbers of millimetres, such as 4,4,4",
}).meta({ placeholder: "native|x,y,z" });

/** `lo,hi`: the intensities that become 0 and 1. */
export const range = z.string()
  .refine((text) => {
    const [lo = NaN, hi = NaN, ...rest] = numbersOf(text);
    return rest.length === 0 && Number.isFinite(hi - lo) && lo < hi;
  }, "takes two numbers, the lower first, such as 0,15")
  .transform((text) => {
    const [lo, hi] = numbersOf(text);
    return { lo: lo!, hi: hi! };
  })
  .meta({ placeholder: "lo,hi" });

/** `a,b`: names. */
export const commaList = z.string()
  .refine(
    (text) => text.split(",").every((name) => name.trim() !== ""),
    "takes names with commas between them, such as background,tumour",
  )
  .transform((text) => text.split(",").map((name) => name.trim()))
  .meta({ placeholder: "a,b" });

/** `auto`, or a whole number of at least 1. */
export const autoOrCount = z.string()
  .refine(
    (text) => text === "auto" || /^[1-9]\d{0,3}$/.test(text),
    "takes auto, or a whole number between 1 and 9999",
  )
  .transform((text): "auto" | number => text === "auto" ? "auto" : Number(text))
  .meta({ placeholder: "auto|n" });
