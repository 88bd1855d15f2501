/** The surface of a binary mask. @module */
import type { Vec3 } from "../imaging/volume.ts";

/**
 * Flat indices, ascending, of the voxels (non-zero) of a mask that have a background voxel among their
 * six neighbours: the mask minus its erosion by the cross. Outside the volume is background, as in
 * MONAI 1.5 (`get_mask_edges`) and SciPy (`binary_erosion`, border value 0).
 */
export function surfaceVoxels(
  mask: Uint8Array,
  [ni, nj, nk]: Vec3,
): Int32Array<ArrayBuffer> {
  const slice = nj * nk;
  const found: number[] = [];
  for (let i = 0; i < ni; i++) {
    for (let j = 0; j < nj; j++) {
      const start = i * slice + j * nk;
      const atSide = i === 0 || i === ni - 1 || j === 0 || j === nj - 1;
      for (let k = 0; k < nk; k++) {
        const n = start + k;
        if (mask[n] === 0) continue;
        if (
          atSide || k === 0 || k === nk - 1 || mask[n - 1] === 0 ||
          mask[n + 1] === 0 || mask[n - nk] === 0 || mask[n + nk] === 0 ||
          mask[n - slice] === 0 || mask[n + slice] === 0
        ) {
          found.push(n);
        }
      }
    }
  }
  return Int32Array.from(found);
}
