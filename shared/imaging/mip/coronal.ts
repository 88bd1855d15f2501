/**
 * Projection of a volume from the front: which voxels fall onto which pixel.
 * @module
 */
import { spacingMm } from "../affine.ts";
import { rasOrientation } from "../orientation.ts";
import { type Grid, voxelCount } from "../volume.ts";

/**
 * The coronal plane of a grid as a viewer sees it: head up, the patient's right on the left. A grid
 * that is turned is seen along its axis nearest to front and back.
 */
export interface CoronalPlane {
  readonly width: number;
  readonly height: number;
  /** Distance of neighbouring pixels, across and down. */
  readonly pixelMm: readonly [number, number];
  /** The pixel of voxel (0, 0, 0), and the step to the next along i, j and k; 0 from front to back. */
  readonly first: number;
  readonly steps: readonly [number, number, number];
}

export function coronalPlane({ shape, affine }: Grid): CoronalPlane {
  const { axes: [across, , up], flips } = rasOrientation(affine);
  const spacing = spacingMm(affine);
  const width = shape[across];
  const height = shape[up];
  const steps: [number, number, number] = [0, 0, 0];
  // An axis that runs against "right" runs to the patient's left, which is to the viewer's right.
  steps[across] = flips[0] ? 1 : -1;
  steps[up] = flips[2] ? width : -width;
  return {
    width,
    height,
    pixelMm: [spacing[across], spacing[up]],
    first: (flips[0] ? 0 : width - 1) + (flips[2] ? 0 : (height - 1) * width),
    steps,
  };
}

/** The largest value behind each pixel, row by row. */
export function projectMaximum(
  data: ArrayLike<number>,
  { shape: [ni, nj, nk] }: Grid,
  { width, height, first, steps: [si, sj, sk] }: CoronalPlane,
): Float32Array {
  const highest = new Float32Array(width * height).fill(-Infinity);
  for (let i = 0, n = 0; i < ni; i++) {
    for (let j = 0; j < nj; j++) {
      let pixel = first + i * si + j * sj;
      for (let k = 0; k < nk; k++, n++, pixel += sk) {
        const value = data[n]!;
        if (value > highest[pixel]!) highest[pixel] = value;
      }
    }
  }
  return highest;
}

/**
 * For each class the pixels behind which it occurs (1, else 0), row by row.
 *
 * @throws {RangeError} when the classes do not lie on the grid.
 */
export function projectClasses(
  classes: Uint8Array,
  grid: Grid,
  { width, height, first, steps: [si, sj, sk] }: CoronalPlane,
): Map<number, Uint8Array> {
  const { shape: [ni, nj, nk] } = grid;
  if (classes.length !== voxelCount(grid.shape)) {
    throw new RangeError(
      `Cannot project ${classes.length} class numbers: the image has ${
        voxelCount(grid.shape)
      } voxels`,
    );
  }
  const shadows = new Map<number, Uint8Array>();
  for (let i = 0, n = 0; i < ni; i++) {
    for (let j = 0; j < nj; j++) {
      const row = first + i * si + j * sj;
      for (let k = 0; k < nk; k++, n++) {
        const value = classes[n]!;
        if (value === 0) continue;
        let shadow = shadows.get(value);
        if (shadow === undefined) {
          shadow = new Uint8Array(width * height);
          shadows.set(value, shadow);
        }
        shadow[row + k * sk] = 1;
      }
    }
  }
  return shadows;
}
