/**
 * Test-time augmentation by mirroring.
 * @module
 */
import { type Vec3, voxelCount } from "../volume.ts";
import { breathe, checkAnswer, type Predict } from "./predict.ts";

export interface MirrorOptions {
  readonly batch: number;
  readonly channels: number;
  readonly classes: number;
  /** A window's size in voxels. */
  readonly roi: Vec3;
  /** Aborting it stops before the next view, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Every combination of mirrored axes: bit 0 for i, bit 1 for j, bit 2 for k. */
const VIEWS = [0, 1, 2, 3, 4, 5, 6, 7];

/**
 * Averages `predict`'s class scores over the eight mirrored views of each window, each mirrored back: eight
 * times the work. Scores are averaged before any softmax, as nnU-Net v2 does. The answer's memory is
 * used again by the next call.
 */
export function mirrored(predict: Predict, options: MirrorOptions): Predict {
  const { batch, channels, classes, roi, signal } = options;
  const size = voxelCount(roi);
  const view = new Float32Array(batch * channels * size);
  const sum = new Float32Array(batch * classes * size);
  return async (input, count) => {
    sum.fill(0);
    for (const axes of VIEWS) {
      await breathe(signal);
      mirrorInto(view, input, roi, axes);
      const answer = await predict(view, count);
      checkAnswer(answer, sum.length);
      addMirrored(sum, answer, roi, axes);
    }
    for (let n = 0; n < sum.length; n++) sum[n]! /= VIEWS.length;
    return sum;
  };
}

function mirrorInto(
  into: Float32Array,
  from: Float32Array,
  roi: Vec3,
  axes: number,
): void {
  const width = roi[2];
  const step = axes & 4 ? -1 : 1;
  forEachRow(into.length, roi, axes, (row, source) => {
    for (let k = 0; k < width; k++) into[row + k] = from[source + step * k]!;
  });
}

function addMirrored(
  sum: Float32Array,
  from: Float32Array,
  roi: Vec3,
  axes: number,
): void {
  const width = roi[2];
  const step = axes & 4 ? -1 : 1;
  forEachRow(sum.length, roi, axes, (row, source) => {
    for (let k = 0; k < width; k++) sum[row + k]! += from[source + step * k]!;
  });
}

/**
 * Visits the rows along k of every [roi] in an array, with where the row's first value comes from in the
 * mirrored array. Mirroring is its own inverse, so the same rows lead there and back.
 */
function forEachRow(
  length: number,
  roi: Vec3,
  axes: number,
  visit: (row: number, source: number) => void,
): void {
  const [depth, height, width] = roi;
  for (let start = 0; start < length; start += voxelCount(roi)) {
    for (let i = 0; i < depth; i++) {
      const sourceI = axes & 1 ? depth - 1 - i : i;
      for (let j = 0; j < height; j++) {
        const sourceJ = axes & 2 ? height - 1 - j : j;
        const first = axes & 4 ? width - 1 : 0;
        visit(
          start + (i * height + j) * width,
          start + (sourceI * height + sourceJ) * width + first,
        );
      }
    }
  }
}
