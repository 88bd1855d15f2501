import { expect } from "@std/expect";
import {
  type Preprocessing,
  preprocessingSchema,
} from "../../../shared/imaging/preprocessing.ts";

const valid: Preprocessing = {
  spacingMm: [4, 4, 4],
  orientation: "RAS",
  intensity: [{ lo: 70, hi: 255 }],
  crop: "foreground",
};

Deno.test("preprocessingSchema accepts what checkpoints hold", () => {
  expect(preprocessingSchema.parse(valid)).toEqual(valid);
  const native = { ...valid, spacingMm: "native", orientation: "native" };
  expect(preprocessingSchema.parse(native)).toEqual(native);
});

const refused: [string, unknown][] = [
  ["a spacing of zero", { ...valid, spacingMm: [4, 0, 4] }],
  ["a spacing of two axes", { ...valid, spacingMm: [4, 4] }],
  ["an infinite spacing", { ...valid, spacingMm: [4, 4, Infinity] }],
  ["an empty range", { ...valid, intensity: [{ lo: 1, hi: 1 }] }],
  ["a range that is not finite", { ...valid, intensity: [{ lo: NaN, hi: 1 }] }],
  ["no channel", { ...valid, intensity: [] }],
  ["another orientation", { ...valid, orientation: "LPS" }],
  ["another crop", { ...valid, crop: "body" }],
  ["an unknown key", { ...valid, spacing: [1, 1, 1] }],
];
for (const [name, value] of refused) {
  Deno.test(`preprocessingSchema refuses ${name}`, () => {
    expect(preprocessingSchema.safeParse(value).success).toBe(false);
  });
}
