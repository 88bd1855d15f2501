/**
 * How a body lies in a field of view.
 * @module
 */
import type { Affine, Vec3 } from "../volume.ts";
import type { Random } from "./random.ts";
import { REFERENCE_STATURE_MM } from "./shapes.ts";

/** Fields of view smaller than these, in mm, get a body that is smaller in proportion. */
const SMALLEST_FULL_VIEW_MM: Vec3 = [480, 330, 900];

/** From this length on a field of view takes in the feet, and the arms lie beside the body. */
const WHOLE_BODY_VIEW_MM = 1500;

export interface Placement {
  readonly affine: Affine;
  /** The reference person's coordinates of the voxel centres along i, j and k. */
  readonly coordinates: readonly [Float64Array, Float64Array, Float64Array];
  /** Millimetres in the scan per millimetre of the reference person, along x, y and z. */
  readonly scale: Vec3;
  /** 1 for a person of usual size, less where the field of view is too small for one. */
  readonly fit: number;
  readonly armsRaised: boolean;
}

/**
 * Voxel axes run to the left, to posterior and up, as most scanners write them. The crown lies just
 * under the top; what of the body is below the field of view is cut off.
 */
export function placeBody(
  random: Random,
  shape: Vec3,
  spacingMm: Vec3,
): Placement {
  const view: Vec3 = [
    shape[0] * spacingMm[0],
    shape[1] * spacingMm[1],
    shape[2] * spacingMm[2],
  ];
  const fit = Math.min(
    1,
    view[0] / SMALLEST_FULL_VIEW_MM[0],
    view[1] / SMALLEST_FULL_VIEW_MM[1],
    view[2] / SMALLEST_FULL_VIEW_MM[2],
  );
  const stature = fit * random.uniform(1560, 1860) / REFERENCE_STATURE_MM;
  const girth = random.uniform(0.92, 1.1);
  const scale: Vec3 = [
    stature * girth,
    stature * girth * random.uniform(0.94, 1.08),
    stature,
  ];
  const shiftMm: Vec3 = [
    fit * random.uniform(-12, 12),
    fit * random.uniform(-15, 15),
    0,
  ];
  const aboveCrownMm = fit * random.uniform(22, 45);
  const armsRaised = view[2] < WHOLE_BODY_VIEW_MM && random.chance(0.8);
  const origin: Vec3 = [
    (view[0] - spacingMm[0]) / 2,
    (view[1] - spacingMm[1]) / 2,
    -Math.round(fit * random.uniform(700, 1300)),
  ];
  const top = origin[2] + (shape[2] - 0.5) * spacingMm[2];
  const crown: Vec3 = [shiftMm[0], shiftMm[1], top - aboveCrownMm];
  const along = (axis: 0 | 1 | 2, sign: -1 | 1) =>
    Float64Array.from(
      { length: shape[axis] },
      (_, n) =>
        (origin[axis] + sign * n * spacingMm[axis] - crown[axis]) /
        scale[axis],
    );
  return {
    affine: [
      ...[-spacingMm[0], 0, 0, origin[0]],
      ...[0, -spacingMm[1], 0, origin[1]],
      ...[0, 0, spacingMm[2], origin[2]],
      ...[0, 0, 0, 1],
    ],
    coordinates: [along(0, -1), along(1, -1), along(2, 1)],
    scale,
    fit,
    armsRaised,
  };
}
