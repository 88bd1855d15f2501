import type { Plane } from "../../../../shared/imaging/windows/blender.ts";
import type { Predict } from "../../../../shared/imaging/windows/predict.ts";
import { type Vec3, voxelCount } from "../../../../shared/imaging/volume.ts";

/** Puts planes together to [classes][i][j][k], having checked that they come in order and are complete. */
export async function collect(
  planes: AsyncIterable<Plane> | Iterable<Plane>,
  shape: Vec3,
  classes: number,
): Promise<Float32Array> {
  const area = shape[1] * shape[2];
  const volume = new Float32Array(classes * shape[0] * area);
  let next = 0;
  for await (const { index, scores } of planes) {
    if (index !== next++ || scores.length !== classes * area) {
      throw new Error(`plane ${index} of ${scores.length} scores`);
    }
    for (let c = 0; c < classes; c++) {
      volume.set(
        scores.subarray(c * area, (c + 1) * area),
        (c * shape[0] + index) * area,
      );
    }
  }
  if (next !== shape[0]) throw new Error(`${next} planes`);
  return volume;
}

/** Small whole numbers that repeat nowhere soon; exact in f32. */
export function counting(length: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, n) => (n * 37 + (n >> 3)) % 1009);
}

/** A network of one input channel whose scores depend on the voxel alone: one function per class. */
export function pointwise(
  roi: Vec3,
  classes: readonly ((value: number) => number)[],
): Predict {
  const size = voxelCount(roi);
  return (input) => {
    const batch = input.length / size;
    const scores = new Float32Array(batch * classes.length * size);
    for (let b = 0; b < batch; b++) {
      classes.forEach((of, c) => {
        const window = input.subarray(b * size, (b + 1) * size);
        scores.set(window.map(of), (b * classes.length + c) * size);
      });
    }
    return Promise.resolve(scores);
  };
}

/** The bits, so that comparisons tell -0 from 0. */
export function bits(values: Float32Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length);
}

export function largestDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let n = 0; n < a.length; n++) {
    const difference = Math.abs(a[n]! - b[n]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
