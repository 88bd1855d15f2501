/**
 * Boxes of voxels: finding the one that holds all foreground, and cutting one out.
 * @module
 */
import { type Orientation, turnedLayout } from "./orientation.ts";
import type { Vec3 } from "./volume.ts";

/** Voxels from `start` up to, not including, `end`. */
export interface Box {
  readonly start: Vec3;
  readonly end: Vec3;
}

export function wholeBox(shape: Vec3): Box {
  return { start: [0, 0, 0], end: shape };
}

export function boxShape({ start, end }: Box): Vec3 {
  return [end[0] - start[0], end[1] - start[1], end[2] - start[2]];
}

/**
 * The smallest box around all voxels above a threshold; `undefined` where there are none
 * (the box of MONAI 1.5's `CropForeground`, without margin).
 */
export function foregroundBox(
  data: Float32Array<ArrayBuffer>,
  [ni, nj, nk]: Vec3,
  threshold: number,
): Box | undefined {
  let iStart = ni, jStart = nj, kStart = nk, iEnd = 0, jEnd = 0, kEnd = 0;
  for (let i = 0; i < ni; i++) {
    for (let j = 0; j < nj; j++) {
      const row = (i * nj + j) * nk;
      const first = firstAbove(data, row, row + nk, threshold) - row;
      if (first === nk) continue;
      kStart = Math.min(kStart, first);
      kEnd = endAbove(data, row + kEnd, row + nk, threshold) - row;
      jStart = Math.min(jStart, j);
      jEnd = Math.max(jEnd, j + 1);
      iStart = Math.min(iStart, i);
      iEnd = i + 1;
    }
  }
  if (iEnd === 0) return undefined;
  return { start: [iStart, jStart, kStart], end: [iEnd, jEnd, kEnd] };
}

/** The first index whose value is above the threshold, or `end`. */
function firstAbove(
  data: Float32Array<ArrayBuffer>,
  start: number,
  end: number,
  threshold: number,
): number {
  let n = start;
  while (n < end && !(data[n]! > threshold)) n++;
  return n;
}

/** One past the last index whose value is above the threshold, or `start`. */
function endAbove(
  data: Float32Array<ArrayBuffer>,
  start: number,
  end: number,
  threshold: number,
): number {
  let n = end;
  while (n > start && !(data[n - 1]! > threshold)) n--;
  return n;
}

/** The smallest box that holds all of the boxes given; `undefined` for none. */
export function unionBox(
  boxes: readonly (Box | undefined)[],
): Box | undefined {
  return boxes.reduce((a, b) => {
    if (a === undefined || b === undefined) return a ?? b;
    return {
      start: combine(Math.min, a.start, b.start),
      end: combine(Math.max, a.end, b.end),
    };
  }, undefined);
}

function combine(
  pick: (a: number, b: number) => number,
  a: Vec3,
  b: Vec3,
): Vec3 {
  return [pick(a[0], b[0]), pick(a[1], b[1]), pick(a[2], b[2])];
}

/** A box named by the axes of the turned volume, for one named by the axes as stored. */
export function turnedBox(
  { start, end }: Box,
  shape: Vec3,
  { axes, flips }: Orientation,
): Box {
  const turned = axes.map((stored, axis) =>
    flips[axis]
      ? [shape[stored] - end[stored], shape[stored] - start[stored]] as const
      : [start[stored], end[stored]] as const
  );
  const [i, j, k] = turned;
  return { start: [i![0], j![0], k![0]], end: [i![1], j![1], k![1]] };
}

/**
 * Copies a box of a turned volume out of the array of the stored one.
 *
 * @param box named by the axes of the turned volume.
 * @returns values in [i][j][k] of the box.
 */
export function extract(
  data: Float32Array<ArrayBuffer>,
  shape: Vec3,
  orientation: Orientation,
  box: Box,
): Float32Array<ArrayBuffer> {
  const { base, steps: [si, sj, sk] } = turnedLayout(
    shape,
    orientation,
    box.start,
  );
  const [ni, nj, nk] = boxShape(box);
  const result = new Float32Array(ni * nj * nk);
  let out = 0;
  for (let i = 0; i < ni; i++) {
    for (let j = 0; j < nj; j++) {
      let from = base + i * si + j * sj;
      if (sk === 1) {
        result.set(data.subarray(from, from + nk), out);
        out += nk;
      } else {
        for (let k = 0; k < nk; k++, from += sk) result[out++] = data[from]!;
      }
    }
  }
  return result;
}

/**
 * Cuts a box out of a volume within the array it is in, so that nothing is allocated.
 *
 * @returns values in [i][j][k] of the box: the beginning of `data`, of which nothing else is left.
 */
export function cutInPlace(
  data: Float32Array<ArrayBuffer>,
  [, nj, nk]: Vec3,
  box: Box,
): Float32Array<ArrayBuffer> {
  const { start, end } = box;
  const length = end[2] - start[2];
  let out = 0;
  for (let i = start[0]; i < end[0]; i++) {
    for (let j = start[1]; j < end[1]; j++) {
      const from = (i * nj + j) * nk + start[2];
      data.copyWithin(out, from, from + length);
      out += length;
    }
  }
  return data.subarray(0, out);
}
