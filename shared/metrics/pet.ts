/** PET quantities of a mask: metabolic volume always, SUV figures only of images declared as SUV. @module */
import { z } from "zod";
import { spacingMm } from "../imaging/affine.ts";
import type { Vec3, Volume } from "../imaging/volume.ts";
import type { Region } from "./region.ts";

/** What voxel values mean; a NIfTI file cannot tell, so a dataset has to declare it. */
export const petUnitSchema = z.enum(["SUV", "unknown"]);
export type PetUnit = z.infer<typeof petUnitSchema>;

export const petSchema = z.strictObject({
  /** Metabolic tumour volume: the volume of the mask. */
  mtvMl: z.number().min(0),
  /** Highest voxel; this and the following are null unless the unit is SUV and the mask holds a voxel. */
  suvMax: z.number().nullable(),
  suvMean: z.number().nullable(),
  /** IBSI's global intensity peak (0F91), see `suvPeak()`. */
  suvPeak: z.number().nullable(),
  /** Total lesion glycolysis, SUVmean x MTV; 0 for an empty mask, null unless the unit is SUV. */
  tlgSuvMl: z.number().nullable(),
});
export type PetQuantities = z.infer<typeof petSchema>;

/** The radius of a sphere of 1 cm3. */
const SPHERE_RADIUS_MM = 10 * Math.cbrt(3 / (4 * Math.PI));

/**
 * Measures the voxels of a mask in the image it belongs to. `voxelMl` is the volume of one voxel;
 * without an image, or where its unit is not SUV, there is only the volume.
 */
export function measurePet(
  mask: Region,
  voxelMl: number,
  unit: PetUnit,
  image?: Volume,
): PetQuantities {
  let voxels = 0;
  for (const inside of mask.data) voxels += inside;
  const mtvMl = voxels * voxelMl;
  if (unit !== "SUV" || image === undefined) {
    return {
      mtvMl,
      suvMax: null,
      suvMean: null,
      suvPeak: null,
      tlgSuvMl: null,
    };
  }
  if (voxels === 0) {
    return { mtvMl, suvMax: null, suvMean: null, suvPeak: null, tlgSuvMl: 0 };
  }
  let [sum, max] = [0, -Infinity];
  forEachVoxel(mask, image.shape, (n) => {
    const value = image.data[n]!;
    sum += value;
    if (value > max) max = value;
  });
  return {
    mtvMl,
    suvMax: max,
    suvMean: sum / voxels,
    suvPeak: suvPeak(mask, image),
    tlgSuvMl: sum * voxelMl,
  };
}

/**
 * IBSI's global intensity peak (0F91): the highest mean over a sphere of 1 cm3 (voxels whose centre is
 * within 6.2 mm) centred on a voxel of the mask. The sphere may reach out of the mask; what lies
 * outside the image does not count. PERCIST's SUVpeak differs in placing the sphere freely.
 */
function suvPeak(mask: Region, image: Volume): number {
  const [ni, nj, nk] = image.shape;
  const sphere = sphereOffsets(spacingMm(image.affine));
  const reach = sphere.reduce<Vec3>(
    (far, at) => [
      Math.max(far[0], at[0]),
      Math.max(far[1], at[1]),
      Math.max(far[2], at[2]),
    ],
    [0, 0, 0],
  );
  const flat = Int32Array.from(sphere, ([i, j, k]) => (i * nj + j) * nk + k);
  const { data } = image;
  let peak = -Infinity;
  forEachVoxel(mask, image.shape, (n, i, j, k) => {
    let sum = 0;
    let count = flat.length;
    if (
      i >= reach[0] && i < ni - reach[0] && j >= reach[1] &&
      j < nj - reach[1] && k >= reach[2] && k < nk - reach[2]
    ) {
      for (let at = 0; at < flat.length; at++) sum += data[n + flat[at]!]!;
    } else {
      count = 0;
      for (const [di, dj, dk] of sphere) {
        if (
          i + di < 0 || i + di >= ni || j + dj < 0 || j + dj >= nj ||
          k + dk < 0 || k + dk >= nk
        ) continue;
        sum += data[n + (di * nj + dj) * nk + dk]!;
        count++;
      }
    }
    if (sum / count > peak) peak = sum / count;
  });
  return peak;
}

function sphereOffsets([si, sj, sk]: Vec3): Vec3[] {
  const offsets: Vec3[] = [];
  const [ri, rj, rk] = [si, sj, sk].map((s) =>
    Math.floor(SPHERE_RADIUS_MM / s)
  ) as [number, number, number];
  for (let i = -ri; i <= ri; i++) {
    for (let j = -rj; j <= rj; j++) {
      for (let k = -rk; k <= rk; k++) {
        if (Math.hypot(i * si, j * sj, k * sk) <= SPHERE_RADIUS_MM) {
          offsets.push([i, j, k]);
        }
      }
    }
  }
  return offsets;
}

/** Calls back with the flat index in the whole volume, and the indices, of each voxel of a region. */
function forEachVoxel(
  { data, shape, origin }: Region,
  [, nj, nk]: Vec3,
  visit: (n: number, i: number, j: number, k: number) => void,
): void {
  let at = 0;
  for (let i = origin[0]; i < origin[0] + shape[0]; i++) {
    for (let j = origin[1]; j < origin[1] + shape[1]; j++) {
      for (let k = origin[2]; k < origin[2] + shape[2]; k++) {
        if (data[at++] !== 0) visit((i * nj + j) * nk + k, i, j, k);
      }
    }
  }
}
