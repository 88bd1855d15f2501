/**
 * Where the windows of a volume lie.
 * @module
 */
import type { Vec3 } from "../volume.ts";

export interface WindowPlan {
  /** The volume's own size in voxels. */
  readonly shape: Vec3;
  /** A window's size in voxels. */
  readonly roi: Vec3;
  /** Zeros before the volume along axes shorter than the window; the rest of them come after it. */
  readonly padBefore: Vec3;
  /** The volume with its zeros: along each axis the larger of `shape` and `roi`. */
  readonly paddedShape: Vec3;
  /** Per axis, where windows start, ascending, in voxels of the padded volume. */
  readonly axisStarts: readonly [
    readonly number[],
    readonly number[],
    readonly number[],
  ];
  /** Every window's first voxel: all combinations of `axisStarts` in C order, the last axis fastest. */
  readonly starts: readonly Vec3[];
}

const AXES = [0, 1, 2] as const;

/**
 * Plans windows of size `roi` that overlap by the fraction `overlap` in [0, 1): the step is
 * trunc(roi * (1 - overlap)), at least 1, and the last window of an axis is moved back to end
 * at the volume's edge. As `sliding_window_inference` of MONAI 1.5 does.
 *
 * @throws {RangeError} when a size is no positive integer or the overlap is outside [0, 1).
 */
export function planWindows(
  shape: Vec3,
  roi: Vec3,
  overlap: number,
): WindowPlan {
  checkSizes(shape, roi, overlap);
  const axisStarts = [
    startsAlong(shape[0], roi[0], overlap),
    startsAlong(shape[1], roi[1], overlap),
    startsAlong(shape[2], roi[2], overlap),
  ] as const;
  const [alongI, alongJ, alongK] = axisStarts;
  return {
    shape,
    roi,
    padBefore: vec3((d) => Math.max(0, Math.floor((roi[d] - shape[d]) / 2))),
    paddedShape: vec3((d) => Math.max(shape[d], roi[d])),
    axisStarts,
    starts: alongI.flatMap((i) =>
      alongJ.flatMap((j) => alongK.map((k): Vec3 => [i, j, k]))
    ),
  };
}

/**
 * How many windows {@linkcode planWindows} plans, without planning them.
 *
 * @throws {RangeError} as {@linkcode planWindows}.
 */
export function countWindows(shape: Vec3, roi: Vec3, overlap: number): number {
  checkSizes(shape, roi, overlap);
  const along = (axis: 0 | 1 | 2) =>
    startsAlong(shape[axis], roi[axis], overlap).length;
  return along(0) * along(1) * along(2);
}

function checkSizes(shape: Vec3, roi: Vec3, overlap: number): void {
  for (const [what, size] of [["volume", shape], ["window", roi]] as const) {
    if (!size.every((n) => Number.isSafeInteger(n) && n > 0)) {
      throw new RangeError(
        `Cannot plan windows as the ${what} must have positive whole sizes: current size is ${
          size.join("x")
        }`,
      );
    }
  }
  if (!(overlap >= 0 && overlap < 1)) {
    throw new RangeError(
      `Cannot plan windows as the overlap must be in [0, 1): current value is ${overlap}`,
    );
  }
}

function vec3(of: (axis: 0 | 1 | 2) => number): Vec3 {
  return [of(AXES[0]), of(AXES[1]), of(AXES[2])];
}

function startsAlong(size: number, roi: number, overlap: number): number[] {
  const last = Math.max(0, size - roi);
  const step = Math.max(1, Math.trunc(roi * (1 - overlap)));
  const starts: number[] = [];
  for (let start = 0; start < last; start += step) starts.push(start);
  return [...starts, last];
}
