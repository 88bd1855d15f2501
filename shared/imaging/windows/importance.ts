/**
 * How much a window's voxels count where windows overlap.
 * @module
 */
import { type Vec3, voxelCount } from "../volume.ts";

export const BLEND_MODES = ["gaussian", "constant"] as const;

export type BlendMode = typeof BLEND_MODES[number];

/** A window's standard deviation as a fraction of its size. */
const SIGMA_SCALE = 0.125;

/**
 * Weights of a window's voxels, [i][j][k]: all 1 for `constant`, otherwise the product of one Gaussian
 * per axis about the window's centre (sigma an eighth of the size), raised to at least
 * max(its minimum, 1e-3). As MONAI computes it since 1.0.1.
 */
export function importanceMap(
  roi: Vec3,
  mode: BlendMode,
): Float32Array<ArrayBuffer> {
  const map = new Float32Array(voxelCount(roi)).fill(1);
  if (mode === "constant") return map;
  const alongI = gaussian(roi[0]);
  const alongJ = gaussian(roi[1]);
  const alongK = gaussian(roi[2]);
  // The corner is the smallest value, as every axis is smallest at its ends.
  const corner = Math.fround(Math.fround(alongI[0]! * alongJ[0]!) * alongK[0]!);
  const floor = Math.max(corner, 1e-3);
  let n = 0;
  for (const i of alongI) {
    for (const j of alongJ) {
      const plane = Math.fround(i * j);
      for (const k of alongK) map[n++] = Math.max(floor, plane * k);
    }
  }
  return map;
}

function gaussian(size: number): Float32Array {
  const sigma = SIGMA_SCALE * size;
  return Float32Array.from({ length: size }, (_, n) => {
    const x = n - (size - 1) / 2;
    return Math.exp(-(x * x) / (2 * sigma * sigma));
  });
}
