/**
 * Volumes as every room sees them: a flat typed array indexed [i][j][k] with k fastest
 * (as nibabel's C-ordered arrays), and an affine from voxel indices to RAS+ millimetres.
 * @module
 */

/** Three numbers, one per voxel axis i, j, k. */
export type Vec3 = readonly [number, number, number];

/** Row-major 4x4: voxel index (i, j, k, 1) to world (x, y, z, 1) in RAS+ millimetres. */
export type Affine = readonly number[];

export type VoxelArray =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>;

/** Where voxels lie, without their values. */
export interface Grid {
  readonly shape: Vec3;
  readonly affine: Affine;
}

/** A single-channel volume; `data[(i * shape[1] + j) * shape[2] + k]`. */
export interface Volume<T extends VoxelArray = Float32Array<ArrayBuffer>>
  extends Grid {
  readonly data: T;
}

/** The number of voxels of a shape. */
export function voxelCount(shape: Vec3): number {
  return shape[0] * shape[1] * shape[2];
}
