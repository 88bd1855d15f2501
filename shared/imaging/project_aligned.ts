/**
 * Projecting where the grids are parallel: one axis after the other, with two planes in memory.
 * @module
 */
import type { CaseGeometry } from "./case_geometry.ts";
import type { PlaneSink, ProjectionTarget } from "./project_sink.ts";
import { indexMap } from "./resample.ts";
import { mixRows, raiseRow, writeRow } from "./rows.ts";

/** The voxels along one axis of the image that lie on or next to the crop, in the image's order. */
interface AxisReach {
  /** Index of the first of them in the image. */
  readonly first: number;
  /** For each, the voxel of the crop below it, from -1: the one outside of the crop, as is the last's upper. */
  readonly lower: Int32Array<ArrayBuffer>;
  /** For each, the weight of voxel `lower + 1`. */
  readonly weight: Float64Array<ArrayBuffer>;
  /** Step in the image's array. */
  readonly stride: number;
}

/** @param axis an axis of the network's grid. */
function axisReach(geometry: CaseGeometry, axis: 0 | 1 | 2): AxisReach {
  const { image, resampled, orientation, box, shape } = geometry;
  const stored = orientation.axes[axis];
  const map = indexMap(resampled, image);
  const last = resampled.shape[stored] - 1;
  const lower: number[] = [];
  const weight: number[] = [];
  let first = 0;
  for (let n = 0; n < image.shape[stored]; n++) {
    const at = map[5 * stored]! * n + map[4 * stored + 3]!;
    const inside = Math.min(Math.max(at, 0), last);
    const turned = orientation.flips[axis] ? last - inside : inside;
    const inCrop = turned - box.start[axis];
    if (inCrop <= -1 || inCrop >= shape[axis]) continue;
    if (lower.length === 0) first = n;
    lower.push(Math.floor(inCrop));
    weight.push(inCrop - Math.floor(inCrop));
  }
  return {
    first,
    lower: Int32Array.from(lower),
    weight: Float64Array.from(weight),
    stride: [image.shape[1] * image.shape[2], image.shape[2], 1][stored]!,
  };
}

export function alignedSink(
  geometry: CaseGeometry,
  { mask, probabilities: kept, classes }: ProjectionTarget,
): PlaneSink {
  const [planes, columns, rows] = geometry.shape;
  const x = axisReach(geometry, 0);
  const y = axisReach(geometry, 1);
  const z = axisReach(geometry, 2);
  const ny = y.lower.length;
  const nz = z.lower.length;
  const origin = x.first * x.stride + y.first * y.stride + z.first * z.stride;
  // What each class has more than background decides as well, and spares one class.
  const firstClass = kept === undefined ? 1 : 0;
  const layers = classes - firstClass;
  // Padded with the zeros outside of the crop.
  const padded = new Float64Array(rows + 2);
  const stretched = new Float64Array((columns + 2) * nz);
  const row = new Float64Array(nz);
  const best = new Float64Array(nz);
  // [layer][y][z] of the last plane and the one before it, on the image's grid along y and z.
  let before = new Float64Array(layers * ny * nz);
  let after = new Float64Array(layers * ny * nz);

  function stretch(probabilities: Float32Array<ArrayBuffer>): void {
    const size = columns * rows;
    for (let layer = 0; layer < layers; layer++) {
      for (let j = 0; j < columns; j++) {
        const n = j * rows;
        const from = (layer + firstClass) * size + n;
        if (firstClass === 1) {
          subtractRows(probabilities, from, n, padded, rows);
        } else {
          padded.set(probabilities.subarray(from, from + rows), 1);
        }
        stretchRow(padded, z, stretched, (j + 1) * nz);
      }
      for (let j = 0; j < ny; j++) {
        const low = (y.lower[j]! + 1) * nz;
        const out = (layer * ny + j) * nz;
        mixRows(
          stretched,
          low,
          stretched,
          low + nz,
          y.weight[j]!,
          after,
          out,
          nz,
        );
      }
    }
  }

  /** Fills the image's plane at `index` of x, between `before` and `after`. */
  function fill(index: number): void {
    for (let j = 0; j < ny; j++) {
      const start = origin + index * x.stride + j * y.stride;
      best.fill(0);
      for (let layer = 0; layer < layers; layer++) {
        const n = (layer * ny + j) * nz;
        mixRows(before, n, after, n, x.weight[index]!, row, 0, nz);
        const label = layer + firstClass;
        raiseRow(row, best, mask, start, z.stride, label);
        if (kept === undefined) continue;
        writeRow(row, kept, label * mask.length + start, z.stride);
      }
    }
  }

  // Image planes in the order in which the network's planes come.
  const backwards = geometry.orientation.flips[0];
  let done = 0;
  function fillAbove(lower: number): void {
    for (; done < x.lower.length; done++) {
      const index = backwards ? x.lower.length - 1 - done : done;
      if (x.lower[index] !== lower) return;
      fill(index);
    }
  }

  return {
    push(i, probabilities) {
      [before, after] = [after, before];
      stretch(probabilities);
      fillAbove(i - 1);
    },
    finish() {
      [before, after] = [after, before];
      after.fill(0);
      fillAbove(planes - 1);
    },
  };
}

/** padded[1...] = values from `a` on - values from `b` on. */
function subtractRows(
  values: Float32Array<ArrayBuffer>,
  a: number,
  b: number,
  padded: Float64Array<ArrayBuffer>,
  count: number,
): void {
  for (let n = 0; n < count; n++) {
    padded[n + 1] = values[a + n]! - values[b + n]!;
  }
}

/** Interpolates a padded row of the crop at the image's voxels. */
function stretchRow(
  padded: Float64Array<ArrayBuffer>,
  { lower, weight }: AxisReach,
  result: Float64Array<ArrayBuffer>,
  out: number,
): void {
  for (let n = 0; n < weight.length; n++) {
    const low = lower[n]! + 1;
    const value = padded[low]!;
    result[out + n] = value + (padded[low + 1]! - value) * weight[n]!;
  }
}
