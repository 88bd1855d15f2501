/**
 * Bringing a label to the grid that a network sees.
 * @module
 */
import { CaseError } from "../case_error.ts";
import type { CaseGeometry } from "./case_geometry.ts";
import { along, indexMap, isAxisAligned } from "./resample.ts";
import { roundHalfEven } from "./spacing.ts";
import { type Volume, voxelCount } from "./volume.ts";

/**
 * The label's voxel nearest to each voxel that the network sees (MONAI 1.5: `Spacing` with mode
 * `nearest`, then the turning and the box of the image). Midway between two voxels the even index is taken.
 *
 * @returns classes in [i][j][k] of `geometry.shape`.
 * @throws {CaseError} kind `label` when the label has not the image's shape.
 */
export function preprocessLabel(
  label: Volume<Uint8Array<ArrayBuffer>>,
  geometry: CaseGeometry,
): Uint8Array<ArrayBuffer> {
  const { image, resampled, shape } = geometry;
  if (label.shape.some((size, axis) => size !== image.shape[axis])) {
    throw new CaseError(
      "label",
      `its label has ${label.shape.join(" x ")} voxels, its image ` +
        image.shape.join(" x "),
    );
  }
  const result = new Uint8Array(voxelCount(shape));
  if (isAxisAligned(indexMap(image, resampled), resampled.shape)) {
    gatherAligned(label.data, geometry, result);
  } else {
    gatherOblique(label.data, geometry, result);
  }
  return result;
}

function nearest(index: number, size: number): number {
  return Math.min(Math.max(roundHalfEven(index), 0), size - 1);
}

function gatherAligned(
  data: Uint8Array<ArrayBuffer>,
  { image, resampled, orientation, box, shape }: CaseGeometry,
  result: Uint8Array<ArrayBuffer>,
): void {
  const map = indexMap(image, resampled);
  const strides = [image.shape[1] * image.shape[2], image.shape[2], 1];
  // Along each axis of the network's grid, where in `data` the voxels lie.
  const offsets = orientation.axes.map((stored, axis) =>
    Int32Array.from({ length: shape[axis]! }, (_, n) => {
      const turned = box.start[axis]! + n;
      const index = orientation.flips[axis]
        ? resampled.shape[stored] - 1 - turned
        : turned;
      const at = map[5 * stored]! * index + map[4 * stored + 3]!;
      return nearest(at, image.shape[stored]) * strides[stored]!;
    })
  );
  const [oi, oj, ok] = [offsets[0]!, offsets[1]!, offsets[2]!];
  let out = 0;
  for (let i = 0; i < oi.length; i++) {
    for (let j = 0; j < oj.length; j++) {
      gatherRow(data, oi[i]! + oj[j]!, ok, result, out);
      out += ok.length;
    }
  }
}

function gatherRow(
  data: Uint8Array<ArrayBuffer>,
  base: number,
  offsets: Int32Array<ArrayBuffer>,
  result: Uint8Array<ArrayBuffer>,
  out: number,
): void {
  for (let n = 0; n < offsets.length; n++) {
    result[out + n] = data[base + offsets[n]!]!;
  }
}

function gatherOblique(
  data: Uint8Array<ArrayBuffer>,
  geometry: CaseGeometry,
  result: Uint8Array<ArrayBuffer>,
): void {
  const { image: { shape: [ni, nj, nk] }, shape } = geometry;
  const map = indexMap(geometry.image, geometry);
  let out = 0;
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let k = 0; k < shape[2]; k++) {
        const a = nearest(along(map, 0, i, j, k), ni);
        const b = nearest(along(map, 1, i, j, k), nj);
        const c = nearest(along(map, 2, i, j, k), nk);
        result[out++] = data[(a * nj + b) * nk + c]!;
      }
    }
  }
}
