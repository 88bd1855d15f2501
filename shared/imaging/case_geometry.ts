/**
 * How the grid a network sees lies in the image it was made from.
 * @module
 */
import { multiply } from "./affine.ts";
import { type Box, boxShape } from "./crop.ts";
import { type Orientation, turnedToStored } from "./orientation.ts";
import type { Affine, Grid, Vec3 } from "./volume.ts";

/** All that is needed to bring a label to the network's grid, or a result back to the image's. */
export interface CaseGeometry extends Grid {
  /** The grid the network sees: `resampled`, turned and cropped. */
  readonly shape: Vec3;
  readonly affine: Affine;
  /** The image's own grid. */
  readonly image: Grid;
  /** The grid after resampling, axes as stored; `image` itself where nothing was resampled. */
  readonly resampled: Grid;
  /** How `resampled` was turned. */
  readonly orientation: Orientation;
  /** What was kept, by the axes of the turned grid. */
  readonly box: Box;
}

/** @param box what was kept, by the axes of the turned grid. */
export function caseGeometry(
  image: Grid,
  resampled: Grid,
  orientation: Orientation,
  box: Box,
): CaseGeometry {
  const [x, y, z] = box.start;
  const toTurned: Affine = [1, 0, 0, x, 0, 1, 0, y, 0, 0, 1, z, 0, 0, 0, 1];
  const toStored = turnedToStored(resampled.shape, orientation);
  return {
    shape: boxShape(box),
    affine: multiply(resampled.affine, multiply(toStored, toTurned)),
    image,
    resampled,
    orientation,
    box,
  };
}
