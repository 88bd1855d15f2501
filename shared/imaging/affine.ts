/**
 * The little linear algebra that voxel grids need: row-major 4x4 affines whose last row is 0 0 0 1.
 * @module
 */
import type { Affine, Vec3 } from "./volume.ts";

export const IDENTITY: Affine = [
  1,
  0,
  0,
  0,
  0,
  1,
  0,
  0,
  0,
  0,
  1,
  0,
  0,
  0,
  0,
  1,
];

/** The matrix product: `multiply(a, b)` applies `b` first, then `a`. */
export function multiply(a: Affine, b: Affine): Affine {
  const product: number[] = [];
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += a[4 * row + k]! * b[4 * k + column]!;
      product.push(sum);
    }
  }
  return product;
}

/** The determinant of the 3x3 part: negative where voxel axes are left-handed in the world. */
export function determinant(affine: Affine): number {
  const [a, b, c, , d, e, f, , g, h, i] = affine;
  return a! * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) +
    c! * (d! * h! - e! * g!);
}

/**
 * The inverse, by cofactors.
 *
 * @throws {RangeError} when the affine is singular or not finite.
 */
export function invert(affine: Affine): Affine {
  const [a, b, c, tx, d, e, f, ty, g, h, i, tz] = affine;
  const det = determinant(affine);
  if (det === 0 || !Number.isFinite(det)) {
    throw new RangeError(
      `Cannot invert the affine [${
        affine.join(", ")
      }]: its determinant is ${det}`,
    );
  }
  const r = [
    (e! * i! - f! * h!) / det,
    (c! * h! - b! * i!) / det,
    (b! * f! - c! * e!) / det,
    (f! * g! - d! * i!) / det,
    (a! * i! - c! * g!) / det,
    (c! * d! - a! * f!) / det,
    (d! * h! - e! * g!) / det,
    (b! * g! - a! * h!) / det,
    (a! * e! - b! * d!) / det,
  ];
  const inverse: number[] = [];
  for (let row = 0; row < 3; row++) {
    const [x, y, z] = [r[3 * row]!, r[3 * row + 1]!, r[3 * row + 2]!];
    inverse.push(x, y, z, -(x * tx! + y * ty! + z * tz!));
  }
  inverse.push(0, 0, 0, 1);
  return inverse;
}

/** Voxel sizes along i, j, k: the lengths of the affine's columns, in millimetres. */
export function spacingMm(affine: Affine): Vec3 {
  return [
    columnLength(affine, 0),
    columnLength(affine, 1),
    columnLength(affine, 2),
  ];
}

function columnLength(affine: Affine, column: number): number {
  return Math.hypot(affine[column]!, affine[4 + column]!, affine[8 + column]!);
}

/** The world position of a point given in voxel indices (or back, with the inverse). */
export function transform(affine: Affine, point: Vec3): Vec3 {
  return [
    applyRow(affine, 0, point),
    applyRow(affine, 1, point),
    applyRow(affine, 2, point),
  ];
}

function applyRow(affine: Affine, row: number, [x, y, z]: Vec3): number {
  return affine[4 * row]! * x + affine[4 * row + 1]! * y +
    affine[4 * row + 2]! * z + affine[4 * row + 3]!;
}
