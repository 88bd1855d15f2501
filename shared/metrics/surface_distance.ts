/**
 * Distances between the surfaces of a mask and its reference: found once, reduced in many ways.
 * As MONAI 1.5 (`HausdorffDistanceMetric`, `SurfaceDistanceMetric(symmetric=True)`, `SurfaceDiceMetric`),
 * a surface is made of voxels, each of the same weight whatever its area.
 * @module
 */
import { z } from "zod";
import type { Vec3 } from "../imaging/volume.ts";
import { nearestDistancesMm } from "./distance_transform.ts";
import { percentile } from "./percentile.ts";
import { surfaceVoxels } from "./surface.ts";

export const surfaceMetricsSchema = z.strictObject({
  /** The larger of the two directed 95th percentiles; null where mask or reference is empty. */
  hd95Mm: z.number().min(0).nullable(),
  /** The largest distance; null where mask or reference is empty. */
  hdMm: z.number().min(0).nullable(),
  /** The mean over both directed lists together; null where mask or reference is empty. */
  assdMm: z.number().min(0).nullable(),
  /** The share of both surfaces within 2 mm; 0 where one is empty, null where both are. */
  nsd2mm: z.number().min(0).max(1).nullable(),
});
export type SurfaceMetrics = z.infer<typeof surfaceMetricsSchema>;

/** For each surface voxel of one mask the distance to the other's nearest, ascending. */
export interface SurfaceDistances {
  readonly maskToReferenceMm: Float64Array<ArrayBuffer>;
  readonly referenceToMaskMm: Float64Array<ArrayBuffer>;
}

/**
 * Both directed lists of surface distances, in millimetres, of two masks (non-zero: inside) of one shape.
 * Where one mask is empty the other's distances are Infinity.
 */
export function surfaceDistances(
  mask: Uint8Array,
  reference: Uint8Array,
  shape: Vec3,
  spacingMm: Vec3,
): SurfaceDistances {
  const ofMask = surfaceVoxels(mask, shape);
  const ofReference = surfaceVoxels(reference, shape);
  return {
    maskToReferenceMm: nearestDistancesMm(
      ofMask,
      ofReference,
      shape,
      spacingMm,
    ).sort(),
    referenceToMaskMm: nearestDistancesMm(
      ofReference,
      ofMask,
      shape,
      spacingMm,
    ).sort(),
  };
}

/** HD95, HD, ASSD and NSD at 2 mm. */
export function measureSurfaces(distances: SurfaceDistances): SurfaceMetrics {
  return {
    hd95Mm: hausdorffMm(distances, 95),
    hdMm: hausdorffMm(distances, 100),
    assdMm: assdMm(distances),
    nsd2mm: nsd(distances, 2),
  };
}

/** The larger of the two directed percentiles; null where either surface is empty. */
export function hausdorffMm(
  { maskToReferenceMm, referenceToMaskMm }: SurfaceDistances,
  percent: number,
): number | null {
  if (maskToReferenceMm.length === 0 || referenceToMaskMm.length === 0) {
    return null;
  }
  return Math.max(
    percentile(maskToReferenceMm, percent),
    percentile(referenceToMaskMm, percent),
  );
}

/**
 * Average symmetric surface distance: the mean over both lists together, so that the larger surface
 * weighs more; null where either surface is empty.
 */
export function assdMm(
  { maskToReferenceMm, referenceToMaskMm }: SurfaceDistances,
): number | null {
  if (maskToReferenceMm.length === 0 || referenceToMaskMm.length === 0) {
    return null;
  }
  return (sum(maskToReferenceMm) + sum(referenceToMaskMm)) /
    (maskToReferenceMm.length + referenceToMaskMm.length);
}

/**
 * Normalised surface distance (surface Dice): the share of both surfaces' voxels that lie within a
 * tolerance of the other surface. 0 where one surface is empty, null where both are. Counting voxels differs
 * from DeepMind's surface-distance, which weighs pieces of surface by their area.
 */
export function nsd(
  { maskToReferenceMm, referenceToMaskMm }: SurfaceDistances,
  toleranceMm: number,
): number | null {
  const all = maskToReferenceMm.length + referenceToMaskMm.length;
  if (all === 0) return null;
  const within = countWithin(maskToReferenceMm, toleranceMm) +
    countWithin(referenceToMaskMm, toleranceMm);
  return within / all;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function countWithin(sorted: Float64Array, toleranceMm: number): number {
  const beyond = sorted.findIndex((distance) => distance > toleranceMm);
  return beyond === -1 ? sorted.length : beyond;
}
