/**
 * The innermost loops, over rows of voxels. They stand in functions of their own because V8 leaves long
 * functions that run only once half optimised.
 * @module
 */

/** Interpolates `count` values between those of `a` from `aStart` on and of `b` from `bStart` on. */
export function mixRows(
  a: Float64Array<ArrayBuffer>,
  aStart: number,
  b: Float64Array<ArrayBuffer>,
  bStart: number,
  weight: number,
  result: Float64Array<ArrayBuffer>,
  start: number,
  count: number,
): void {
  for (let n = 0; n < count; n++) {
    const value = a[aStart + n]!;
    result[start + n] = value + (b[bStart + n]! - value) * weight;
  }
}

/** Gives to `label` the voxels, `step` apart, where its values exceed the best so far. */
export function raiseRow(
  row: Float64Array<ArrayBuffer>,
  best: Float64Array<ArrayBuffer>,
  mask: Uint8Array<ArrayBuffer>,
  start: number,
  step: number,
  label: number,
): void {
  for (let n = 0; n < row.length; n++) {
    if (row[n]! > best[n]!) {
      best[n] = row[n]!;
      mask[start + n * step] = label;
    }
  }
}

/** Copies a row to voxels `step` apart. */
export function writeRow(
  row: Float64Array<ArrayBuffer>,
  result: Float32Array<ArrayBuffer>,
  start: number,
  step: number,
): void {
  for (let n = 0; n < row.length; n++) result[start + n * step] = row[n]!;
}
