/**
 * The grid an image is resampled to for a wanted voxel size.
 * @module
 */
import { invert, multiply, spacingMm } from "./affine.ts";
import { sameGrid } from "./resample.ts";
import type { Affine, Grid, Vec3 } from "./volume.ts";

/** Voxel sizes closer than this count as equal (MONAI's AFFINE_TOL). */
const TOLERANCE_MM = 1e-3;

/** How far, in voxels, a corner may lie outside the new grid and still count as inside. */
const CORNER_TOLERANCE = 1e-8;

/** The nearest integer, halves to the even one, as NumPy rounds (`Math.round` does not). */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * The grid that MONAI 1.5's `Spacing` resamples to: the same directions with shear removed, a size of
 * round((N - 1) * old / new + 1), and the first voxel where it was. Where shear (or the rounding of an
 * oblique affine) puts a corner outside of that grid, MONAI lets the two grids share their middle instead.
 *
 * @param wantedMm voxel sizes along the grid's own axes.
 * @returns `grid` itself where resampling would change nothing beyond a thousandth.
 * @throws {RangeError} when the affine is singular.
 */
export function respacedGrid(grid: Grid, wantedMm: Vec3): Grid {
  const current = spacingMm(grid.affine);
  const target = current.map((mm, axis) =>
    Math.abs(mm - wantedMm[axis]!) <= TOLERANCE_MM ? mm : wantedMm[axis]!
  );
  const linear = withoutShear(grid.affine, target);
  // From voxels of the old grid to voxels of the new one; upper triangular, diagonal but for shear.
  const toNew = multiply(invert(linear), grid.affine);
  const shape: number[] = [];
  let inside = true;
  for (let row = 0; row < 3; row++) {
    let extent = 0;
    let lowest = 0;
    for (let column = 0; column < 3; column++) {
      const reach = toNew[4 * row + column]! * (grid.shape[column]! - 1);
      extent += Math.abs(reach);
      lowest += Math.min(reach, 0);
    }
    shape.push(roundHalfEven(extent + 1));
    if (lowest < -CORNER_TOLERANCE) inside = false;
  }
  const [i, j, k] = shape;
  const newShape: Vec3 = [i!, j!, k!];
  const affine = inside
    ? withOrigin(linear, grid.affine)
    : withSharedMiddle(linear, newShape, grid);
  const respaced = { shape: newShape, affine };
  return sameGrid(grid, respaced) ? grid : respaced;
}

/** Columns made orthogonal one after the other (Gram-Schmidt) with the wanted lengths; origin 0. */
function withoutShear(affine: Affine, lengths: readonly number[]): Affine {
  const result = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  const units: number[][] = [];
  for (let column = 0; column < 3; column++) {
    const vector = [affine[column]!, affine[4 + column]!, affine[8 + column]!];
    for (const unit of units) {
      const along = unit[0]! * vector[0]! + unit[1]! * vector[1]! +
        unit[2]! * vector[2]!;
      for (let row = 0; row < 3; row++) vector[row]! -= along * unit[row]!;
    }
    const length = Math.hypot(...vector);
    const unit = vector.map((component) => component / length);
    units.push(unit);
    for (let row = 0; row < 3; row++) {
      result[4 * row + column] = unit[row]! * lengths[column]!;
    }
  }
  return result;
}

function withOrigin(linear: Affine, source: Affine): Affine {
  return linear.map((value, n) => n % 4 === 3 && n < 12 ? source[n]! : value);
}

/** The origin for which index shape / 2 of both grids is one point in the world. */
function withSharedMiddle(linear: Affine, shape: Vec3, old: Grid): Affine {
  const affine = withOrigin(linear, old.affine).slice();
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      const n = 4 * row + column;
      affine[4 * row + 3]! += old.affine[n]! * old.shape[column]! / 2 -
        linear[n]! * shape[column]! / 2;
    }
  }
  return affine;
}
