/** Whether two volumes lie on the same voxel grid. @module */
import { transform } from "../imaging/affine.ts";
import type { Vec3, Volume } from "../imaging/volume.ts";

/** Headers store 32-bit floats: over a body's length their rounding moves a corner by less than this. */
const TOLERANCE_MM = 0.01;

type Grid = Pick<Volume, "shape" | "affine">;

/**
 * What tells two grids apart, in words for an error message, or null where they are the same: shapes
 * are equal and no corner of the volume is displaced by more than 0.01 mm.
 */
export function gridDifference(
  ours: Grid,
  ourName: string,
  theirs: Grid,
  theirName: string,
): string | null {
  if (ours.shape.some((size, axis) => size !== theirs.shape[axis])) {
    return `${theirName} has shape ${theirs.shape.join("x")}, ${ourName} ${
      ours.shape.join("x")
    }`;
  }
  const displacementMm = Math.max(
    ...corners(ours.shape).map((corner) => {
      const [a, b] = [
        transform(ours.affine, corner),
        transform(theirs.affine, corner),
      ];
      return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    }),
  );
  if (displacementMm <= TOLERANCE_MM) return null;
  return `${theirName} lies up to ${
    displacementMm.toFixed(2)
  } mm away from ${ourName} (affine ${rows(theirs)}, not ${rows(ours)})`;
}

function corners([ni, nj, nk]: Vec3): Vec3[] {
  return [0, ni - 1].flatMap((i) =>
    [0, nj - 1].flatMap((j) => [0, nk - 1].map((k): Vec3 => [i, j, k]))
  );
}

/** The three rows of an affine that say something. */
function rows({ affine }: Grid): string {
  const numbers = affine.map((value) => String(Number(value.toFixed(4))));
  return `[${
    [0, 4, 8].map((at) => numbers.slice(at, at + 4).join(" ")).join("; ")
  }]`;
}
