import { expect } from "@std/expect";
import {
  determinant,
  IDENTITY,
  invert,
  multiply,
  spacingMm,
  transform,
} from "../../../shared/imaging/affine.ts";
import type { Affine } from "../../../shared/imaging/volume.ts";

/** Axes (i, j, k) along (y, -x, z) with 2, 3, 4 mm, origin (10, 20, 30). */
// deno-fmt-ignore
const TURNED: Affine = [
  0, -3, 0, 10,
  2, 0, 0, 20,
  0, 0, 4, 30,
  0, 0, 0, 1,
];

Deno.test("transform() maps voxel indices to millimetres", () => {
  expect(transform(TURNED, [1, 1, 1])).toEqual([7, 22, 34]);
});

Deno.test("spacingMm() gives the column lengths", () => {
  expect(spacingMm(TURNED)).toEqual([2, 3, 4]);
});

Deno.test("determinant() is positive for a rotation and negative for a flip", () => {
  expect(determinant(TURNED)).toBe(24);
  expect(determinant([-1, ...IDENTITY.slice(1)])).toBe(-1);
});

Deno.test("multiply() applies the second affine first", () => {
  const shift: Affine = [1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  expect(transform(multiply(TURNED, shift), [0, 0, 0])).toEqual([10, 22, 30]);
  expect(transform(multiply(shift, TURNED), [0, 0, 0])).toEqual([11, 20, 30]);
});

Deno.test("invert() undoes an affine", () => {
  // deno-fmt-ignore
  const sheared: Affine = [
    1.5, 0.2, -0.1, 7,
    0.3, -2.5, 0.4, -80,
    0.05, 0.6, 3, 12,
    0, 0, 0, 1,
  ];
  for (const affine of [TURNED, sheared]) {
    const product = multiply(affine, invert(affine));
    product.forEach((value, n) => expect(value).toBeCloseTo(IDENTITY[n]!, 12));
  }
});

Deno.test("invert() refuses a singular affine", () => {
  const flat: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  expect(() => invert(flat)).toThrow(RangeError);
  expect(() => invert([NaN, ...IDENTITY.slice(1)])).toThrow(
    "its determinant is NaN",
  );
});
