/** Small volumes that a person can see through. @module */
import type {
  Affine,
  Vec3,
  Volume,
  VoxelArray,
} from "../../../shared/imaging/volume.ts";
import { voxelCount } from "../../../shared/imaging/volume.ts";

/** The affine of a grid along the world's axes. */
export function scaled([si, sj, sk]: Vec3, origin: Vec3 = [0, 0, 0]): Affine {
  // deno-fmt-ignore
  return [
    si, 0, 0, origin[0],
    0, sj, 0, origin[1],
    0, 0, sk, origin[2],
    0, 0, 0, 1,
  ];
}

export function volume<T extends VoxelArray>(
  data: T,
  shape: Vec3,
  affine: Affine = scaled([1, 1, 1]),
): Volume<T> {
  return { data, shape, affine };
}

/** A mask that holds 1 (or another value) where a function says so. */
export function maskWhere(
  shape: Vec3,
  isInside: (i: number, j: number, k: number) => boolean,
  value = 1,
): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(voxelCount(shape));
  let n = 0;
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let k = 0; k < shape[2]; k++) {
        data[n++] = isInside(i, j, k) ? value : 0;
      }
    }
  }
  return data;
}

/** A mask of single voxels. */
export function maskAt(
  shape: Vec3,
  voxels: readonly Vec3[],
  value = 1,
): Uint8Array<ArrayBuffer> {
  return maskWhere(
    shape,
    (i, j, k) => voxels.some(([a, b, c]) => a === i && b === j && c === k),
    value,
  );
}

/** A mask of the box from `from` up to, not including, `to`. */
export function maskOfBox(
  shape: Vec3,
  from: Vec3,
  to: Vec3,
): Uint8Array<ArrayBuffer> {
  return maskWhere(
    shape,
    (i, j, k) =>
      i >= from[0] && i < to[0] && j >= from[1] && j < to[1] && k >= from[2] &&
      k < to[2],
  );
}
