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
export function turnedToStored(
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

/** The shape of a volume after turning. */
export function turnedShape(
  shape: Vec3,
  { axes: [i, j, k] }: Orientation,
): Vec3 {
  return [shape[i], shape[j], shape[k]];
}

/** How to walk through one array by the axes of another: voxel (i, j, k) is at `base` + i, j, k times `steps`. */
export interface Layout {
  readonly base: number;
  readonly steps: Vec3;
}

/** Where the voxels of a turned volume lie in the array of the stored one, counted from voxel `start`. */
export function turnedLayout(
  shape: Vec3,
  { axes, flips }: Orientation,
  start: Vec3,
): Layout {
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

/** Where the voxels of a stored volume lie in the array of the turned one. */
export function storedLayout(shape: Vec3, orientation: Orientation): Layout {
  const [, nj, nk] = turnedShape(shape, orientation);
  const strides: Vec3 = [nj * nk, nk, 1];
  const steps: [number, number, number] = [0, 0, 0];
  let base = 0;
  orientation.axes.forEach((stored, axis) => {
    const stride = strides[axis]!;
    steps[stored] = orientation.flips[axis] ? -stride : stride;
    if (orientation.flips[axis]) base += stride * (shape[stored] - 1);
  });
  return { base, steps };
}
