import { expect } from "@std/expect";
import type { z } from "zod";
import {
  autoOrCount,
  commaList,
  nativeOrSpacing,
  range,
  spacing,
  store,
  voxels,
} from "../../../jobs/cli/option_types.ts";

const taken: [string, z.ZodType, string, unknown][] = [
  ["voxels", voxels, "64,96,128", [64, 96, 128]],
  ["voxels", voxels, " 64, 96 ,128", [64, 96, 128]],
  ["voxels", voxels, "1,1,4096", [1, 1, 4096]],
  ["spacing", spacing, "0.5,4,1e1", [0.5, 4, 10]],
  ["nativeOrSpacing", nativeOrSpacing, "native", "native"],
  ["nativeOrSpacing", nativeOrSpacing, "4,4,4", [4, 4, 4]],
  ["range", range, "0,15", { lo: 0, hi: 15 }],
  ["range", range, "-175,250.5", { lo: -175, hi: 250.5 }],
  ["commaList", commaList, "background, tumour", ["background", "tumour"]],
  ["commaList", commaList, "one", ["one"]],
  ["autoOrCount", autoOrCount, "auto", "auto"],
  ["autoOrCount", autoOrCount, "16", 16],
  ["store", store, "s3://bucket/a b", "s3://bucket/a b"],
];
for (const [name, type, text, value] of taken) {
  Deno.test(`${name} takes "${text}"`, () => {
    expect(type.parse(text)).toEqual(value);
  });
}

const VOXELS =
  "takes three whole numbers of voxels between 1 and 4096, such as 64,64,64";
const SPACING = "takes three positive numbers of millimetres, such as 4,4,4";
const NATIVE = `takes native, or ${SPACING.slice("takes ".length)}`;
const RANGE = "takes two numbers, the lower first, such as 0,15";
const NAMES = "takes names with commas between them, such as background,tumour";
const COUNT = "takes auto, or a whole number between 1 and 9999";

const refused: [string, z.ZodType, string, readonly string[]][] = [
  ["voxels", voxels, VOXELS, [
    "",
    "64",
    "64,64",
    "64,64,64,64",
    "64,,64",
    "a,b,c",
    "0,64,64",
    "64,64,4097",
    "1.5,2,3",
    "-1,2,3",
    "NaN,1,1",
  ]],
  ["spacing", spacing, SPACING, [
    "",
    "4",
    "0,4,4",
    "-4,4,4",
    "4,4,Infinity",
    "4,4,1001",
    "4;4;4",
  ]],
  ["nativeOrSpacing", nativeOrSpacing, NATIVE, ["", "Native", "4,4", "none"]],
  ["range", range, RANGE, [
    "",
    "15",
    "15,0",
    "1,1",
    "0,15,30",
    "a,b",
    "-Infinity,1",
    "0,",
    "0,Infinity",
  ]],
  ["commaList", commaList, NAMES, ["", ",", "a,,b", "a, "]],
  ["autoOrCount", autoOrCount, COUNT, [
    "",
    "0",
    "-1",
    "1.5",
    "Auto",
    "10000",
    "two",
    "0x2",
  ]],
];
for (const [name, type, sentence, texts] of refused) {
  for (const text of texts) {
    Deno.test(`${name} refuses "${text}" with what it takes`, () => {
      const result = type.safeParse(text);
      expect(result.error?.issues.map(({ message }) => message)).toEqual([
        sentence,
      ]);
    });
  }
}

Deno.test("store refuses an empty name", () => {
  expect(store.safeParse("").success).toBe(false);
});
