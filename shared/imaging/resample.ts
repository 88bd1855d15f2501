/**
 * Reading a volume's values at the voxel centres of another grid.
 * @module
 */
import { IDENTITY, invert, multiply } from "./affine.ts";
import { type Box, boxShape, wholeBox } from "./crop.ts";
import {
  AS_STORED,
  type Layout,
  type Orientation,
  storedLayout,
} from "./orientation.ts";
import { mixRows } from "./rows.ts";
import { type Affine, type Grid, type Vec3, voxelCount } from "./volume.ts";
import type { Volume } from "./volume.ts";

/**
 * How far, in voxels, a sample may be moved by treating nearly parallel grids as parallel: less than
 * the rounding of an affine stored in 32 bits moves it in a large volume.
 */
const ALIGNED_WITHIN = 1e-4;

/** Affines whose elements differ by less than this count as equal (MONAI's AFFINE_TOL). */
const AFFINE_TOLERANCE = 1e-3;

/** Whether two grids have one shape and the same voxels, but for a thousandth of a millimetre or voxel. */
export function sameGrid(a: Grid, b: Grid): boolean {
  if (a.shape.some((size, axis) => size !== b.shape[axis])) return false;
  return isClose(a.affine, b.affine) || isClose(indexMap(a, b), IDENTITY);
}

function isClose(a: Affine, b: Affine): boolean {
  return a.every((value, n) => {
    const limit = AFFINE_TOLERANCE + 1e-5 * Math.abs(b[n]!);
    return Math.abs(value - b[n]!) <= limit;
  });
}

/** The affine from voxel indices of `target` to those of `source`; exact for one and the same grid. */
export function indexMap(source: Grid, target: Grid): Affine {
  if (source === target) return IDENTITY;
  return multiply(invert(source.affine), target.affine);
}

/** Whether each axis of an index map depends on that axis alone, for indices within a shape. */
export function isAxisAligned(map: Affine, shape: Vec3): boolean {
  for (let row = 0; row < 3; row++) {
    let moved = 0;
    for (let column = 0; column < 3; column++) {
      if (column === row) continue;
      moved += Math.abs(map[4 * row + column]!) * (shape[column]! - 1);
    }
    if (!(moved < ALIGNED_WITHIN)) return false;
  }
  return true;
}

/** Where the samples along one axis fall between source voxels; beyond the last voxel on that voxel. */
export interface LinearTable {
  readonly lower: Int32Array<ArrayBuffer>;
  readonly upper: Int32Array<ArrayBuffer>;
  /** Weight of `upper`, from 0 to below 1. */
  readonly weight: Float64Array<ArrayBuffer>;
}

/** The table for samples at map(start), ..., map(end - 1) along one axis of an axis-aligned map. */
export function linearTable(
  map: Affine,
  axis: number,
  start: number,
  end: number,
  size: number,
): LinearTable {
  const count = end - start;
  const lower = new Int32Array(count);
  const upper = new Int32Array(count);
  const weight = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    const at = clamp(map[5 * axis]! * (start + n) + map[4 * axis + 3]!, size);
    lower[n] = Math.floor(at);
    upper[n] = Math.min(lower[n]! + 1, size - 1);
    weight[n] = at - lower[n]!;
  }
  return { lower, upper, weight };
}

function clamp(index: number, size: number): number {
  return index < 0 ? 0 : index > size - 1 ? size - 1 : index;
}

/**
 * Trilinear interpolation onto a box of another grid, computed in 64 bits; beyond its last voxels a
 * volume continues with their values (MONAI 1.5's `SpatialResample`, bilinear, padding `border`).
 *
 * @param box by the axes of `target`.
 * @param orientation how to turn the box while it is written.
 * @returns values in [i][j][k] of the turned box.
 */
export function resampleLinear(
  volume: Volume,
  target: Grid,
  box: Box = wholeBox(target.shape),
  orientation: Orientation = AS_STORED,
): Float32Array<ArrayBuffer> {
  const map = indexMap(volume, target);
  const layout = storedLayout(boxShape(box), orientation);
  const result = new Float32Array(voxelCount(boxShape(box)));
  if (isAxisAligned(map, target.shape)) {
    resampleAligned(volume, map, box, layout, result);
  } else {
    resampleOblique(volume, map, box, layout, result);
  }
  return result;
}

/** One axis after the other: whole source planes, then rows of them, then along the rows. */
function resampleAligned(
  { data, shape }: Volume,
  map: Affine,
  { start, end }: Box,
  { base, steps: [si, sj, sk] }: Layout,
  result: Float32Array<ArrayBuffer>,
): void {
  const [, nj, nk] = shape;
  const i = linearTable(map, 0, start[0], end[0], shape[0]);
  const j = linearTable(map, 1, start[1], end[1], shape[1]);
  const k = linearTable(map, 2, start[2], end[2], shape[2]);
  const [jLow, jHigh] = touched(j);
  const [kLow, kHigh] = touched(k);
  const count = kHigh - kLow + 1;
  const plane = new Float64Array(nj * nk);
  const row = new Float64Array(nk);
  for (let x = 0; x < i.weight.length; x++) {
    const below = i.lower[x]! * nj * nk;
    const above = i.upper[x]! * nj * nk;
    for (let y = jLow; y <= jHigh; y++) {
      const at = y * nk + kLow;
      mixPlanes(data, below + at, above + at, i.weight[x]!, plane, at, count);
    }
    for (let y = 0; y < j.weight.length; y++) {
      const left = j.lower[y]! * nk + kLow;
      const right = j.upper[y]! * nk + kLow;
      mixRows(plane, left, plane, right, j.weight[y]!, row, kLow, count);
      mixAlong(row, k, result, base + x * si + y * sj, sk);
    }
  }
}

function mixPlanes(
  data: Float32Array<ArrayBuffer>,
  a: number,
  b: number,
  weight: number,
  plane: Float64Array<ArrayBuffer>,
  out: number,
  count: number,
): void {
  for (let n = 0; n < count; n++) {
    const value = data[a + n]!;
    plane[out + n] = value + (data[b + n]! - value) * weight;
  }
}

function mixAlong(
  row: Float64Array<ArrayBuffer>,
  { lower, upper, weight }: LinearTable,
  result: Float32Array<ArrayBuffer>,
  out: number,
  step: number,
): void {
  for (let n = 0; n < weight.length; n++, out += step) {
    const value = row[lower[n]!]!;
    result[out] = value + (row[upper[n]!]! - value) * weight[n]!;
  }
}

/** The first and the last source index that a table reads. */
function touched({ lower, upper }: LinearTable): [number, number] {
  const last = lower.length - 1;
  return [
    Math.min(lower[0]!, lower[last]!),
    Math.max(upper[0]!, upper[last]!),
  ];
}

function resampleOblique(
  { data, shape }: Volume,
  map: Affine,
  { start, end }: Box,
  { base, steps: [si, sj, sk] }: Layout,
  result: Float32Array<ArrayBuffer>,
): void {
  for (let i = start[0]; i < end[0]; i++) {
    for (let j = start[1]; j < end[1]; j++) {
      let out = base + (i - start[0]) * si + (j - start[1]) * sj;
      for (let k = start[2]; k < end[2]; k++, out += sk) {
        result[out] = sampleLinear(
          data,
          shape,
          clamp(along(map, 0, i, j, k), shape[0]),
          clamp(along(map, 1, i, j, k), shape[1]),
          clamp(along(map, 2, i, j, k), shape[2]),
        );
      }
    }
  }
}

/** One row of an affine times (i, j, k, 1). */
export function along(
  map: Affine,
  row: number,
  i: number,
  j: number,
  k: number,
): number {
  return map[4 * row]! * i + map[4 * row + 1]! * j + map[4 * row + 2]! * k +
    map[4 * row + 3]!;
}

/** The value at a position within the volume, from the eight voxels around it. */
export function sampleLinear(
  data: Float32Array<ArrayBuffer>,
  [ni, nj, nk]: Vec3,
  i: number,
  j: number,
  k: number,
): number {
  const i0 = Math.floor(i), j0 = Math.floor(j), k0 = Math.floor(k);
  const wi = i - i0, wj = j - j0, wk = k - k0;
  const di = i0 + 1 < ni ? nj * nk : 0;
  const dj = j0 + 1 < nj ? nk : 0;
  const dk = k0 + 1 < nk ? 1 : 0;
  const n = (i0 * nj + j0) * nk + k0;
  const a = data[n]! + (data[n + dk]! - data[n]!) * wk;
  const b = data[n + dj]! + (data[n + dj + dk]! - data[n + dj]!) * wk;
  const c = data[n + di]! + (data[n + di + dk]! - data[n + di]!) * wk;
  const d = data[n + di + dj]! +
    (data[n + di + dj + dk]! - data[n + di + dj]!) * wk;
  const low = a + (b - a) * wj;
  const high = c + (d - c) * wj;
  return low + (high - low) * wi;
}

/**
 * A volume on another grid, such as a CT on its PET's: trilinear interpolation in the world.
 *
 * @param fill the value where the volume has no voxels: more than half a voxel beyond its outermost
 * centres. By default the volume's smallest value, which is air in a CT and nothing in a PET.
 * @returns the volume's own values when it lies on that grid already.
 */
export function resampleOnto(
  volume: Volume,
  { shape, affine }: Grid,
  fill: number = minimum(volume.data),
): Volume {
  const target = { shape, affine };
  if (sameGrid(volume, target)) return { data: volume.data, ...target };
  const data = resampleLinear(volume, target);
  const map = indexMap(volume, target);
  let out = 0;
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let k = 0; k < shape[2]; k++, out++) {
        for (let axis = 0; axis < 3; axis++) {
          const at = along(map, axis, i, j, k);
          if (at < -0.5 || at > volume.shape[axis]! - 0.5) data[out] = fill;
        }
      }
    }
  }
  return { data, ...target };
}

function minimum(data: Float32Array<ArrayBuffer>): number {
  let smallest = Infinity;
  for (let n = 0; n < data.length; n++) {
    if (data[n]! < smallest) smallest = data[n]!;
  }
  return smallest;
}
