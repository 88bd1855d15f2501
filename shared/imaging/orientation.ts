/**
 * Turning a volume so that its axes run to the right, to anterior and to superior.
 * @module
 */
import { spacingMm } from "./affine.ts";
import type { Affine, Vec3 } from "./volume.ts";

type Axis = 0 | 1 | 2;

/** How the axes of a turned volume lie in the volume before. */
export interface Orientation {
  /** For each axis after turning, the axis it was before. */
  readonly axes: readonly [Axis, Axis, Axis];
  /** For each axis after turning, whether it runs against the axis it was. */
  readonly flips: readonly [boolean, boolean, boolean];
}

/** Leaves a volume as it is. */
export const AS_STORED: Orientation = {
  axes: [0, 1, 2],
  flips: [false, false, false],
};

/**
 * The permutation and flips after which axes 0, 1, 2 run most nearly to the right, to anterior and to
 * superior (RAS+). Each axis goes to its dominant direction, the most certain axis first, as nibabel's
 * `io_orientation` does; of a sheared affine the columns themselves are taken, not the nearest rotation.
 */
export function rasOrientation(affine: Affine): Orientation {
  const lengths = spacingMm(affine);
  const cosines = ([0, 1, 2] as const).map((axis) => ({
    axis,
    along: ([0, 1, 2] as const).map((world) =>
      affine[4 * world + axis]! / lengths[axis]
    ),
  }));
  const certainty = (along: readonly number[]) =>
    Math.max(...along.map(Math.abs));
  cosines.sort((a, b) => certainty(b.along) - certainty(a.along));
  const axes: [Axis, Axis, Axis] = [0, 1, 2];
  const flips: [boolean, boolean, boolean] = [false, false, false];
  const free = new Set<Axis>([0, 1, 2]);
  for (const { axis, along } of cosines) {
    let best: Axis | undefined;
    for (const world of free) {
      if (
        best === undefined || Math.abs(along[world]!) > Math.abs(along[best]!)
      ) best = world;
    }
    if (best === undefined) break;
    free.delete(best);
    axes[best] = axis;
    flips[best] = along[best]! < 0;
  }
  return { axes, flips };
}

/** The affine from indices of a turned volume to those of the volume before. */
export function reorientedToStored(
  shape: Vec3,
  { axes, flips }: Orientation,
): Affine {
  const map = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  axes.forEach((stored, axis) => {
    map[4 * stored + axis] = flips[axis] ? -1 : 1;
    if (flips[axis]) map[4 * stored + 3] = shape[stored] - 1;
  });
  return map;
}

/** Where the voxels of a turned volume lie in the array of the stored one. */
export interface TurnedLayout {
  /** Position of the turned volume's voxel `start`. */
  readonly base: number;
  /** Step from one voxel to the next along each turned axis. */
  readonly steps: Vec3;
}

/** @param start a voxel of the turned volume. */
export function turnedLayout(
  shape: Vec3,
  { axes, flips }: Orientation,
  start: Vec3,
): TurnedLayout {
  const strides: Vec3 = [shape[1] * shape[2], shape[2], 1];
  let base = 0;
  const step = (axis: Axis) => {
    const stored = axes[axis];
    base += strides[stored] *
      (flips[axis] ? shape[stored] - 1 - start[axis] : start[axis]);
    return flips[axis] ? -strides[stored] : strides[stored];
  };
  const steps: Vec3 = [step(0), step(1), step(2)];
  return { base, steps };
}
