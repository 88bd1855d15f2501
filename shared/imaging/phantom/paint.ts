/**
 * Painting shapes into a volume.
 * @module
 */
import type { Vec3 } from "../volume.ts";
import type { Placement } from "./placement.ts";
import type { Shape } from "./shapes.ts";

/** A volume of uptakes under construction. */
export interface Canvas extends Placement {
  readonly shape: Vec3;
  /** SUV, indexed [i][j][k]. */
  readonly data: Float32Array<ArrayBuffer>;
}

/**
 * Sets the uptake inside a shape. A voxel that the surface passes through gets about its share of it,
 * so that shapes do not show steps before the blur.
 */
export function paint(canvas: Canvas, shape: Shape, suv: number): void {
  const { data, coordinates: [xs, ys, zs] } = canvas;
  const voxelMm = meanStep(canvas.coordinates);
  const half = voxelMm / 2;
  forEachRow(canvas, shape, half, (i, j, first, last, row) => {
    const x = xs[i]!;
    const y = ys[j]!;
    for (let k = first; k < last; k++) {
      const depth = shape.depthMm(x, y, zs[k]!);
      if (depth <= -half) continue;
      if (depth >= half) data[row + k] = suv;
      else {
        const before = data[row + k]!;
        data[row + k] = before + (suv - before) * (depth / voxelMm + 0.5);
      }
    }
  });
}

/** Marks the voxels whose centre lies inside a shape. */
export function mark(
  label: Uint8Array,
  canvas: Pick<Canvas, "shape" | "coordinates">,
  shape: Shape,
): void {
  const [xs, ys, zs] = canvas.coordinates;
  forEachRow(canvas, shape, 0, (i, j, first, last, row) => {
    for (let k = first; k < last; k++) {
      if (shape.depthMm(xs[i]!, ys[j]!, zs[k]!) >= 0) label[row + k] = 1;
    }
  });
}

/** The uptake of the voxel around a point, or undefined where the point is outside the volume. */
export function suvAt(canvas: Canvas, point: Vec3): number | undefined {
  const { data, shape: [, nj, nk], coordinates: [xs, ys, zs] } = canvas;
  const i = voxelAt(xs, point[0]);
  const j = voxelAt(ys, point[1]);
  const k = voxelAt(zs, point[2]);
  return data[(i * nj + j) * nk + k];
}

/** The voxel of an evenly spaced axis that a coordinate lies in; NaN outside. */
function voxelAt(axis: Float64Array, coordinate: number): number {
  const step = axis.length < 2 ? Infinity : axis[1]! - axis[0]!;
  const n = Math.round((coordinate - axis[0]!) / step);
  return n >= 0 && n < axis.length ? n : NaN;
}

/** Calls back for the rows along k, from `first` to before `last`, that a shape's box takes in. */
function forEachRow(
  { shape: [, nj, nk], coordinates }: Pick<Canvas, "shape" | "coordinates">,
  { from, to }: Shape,
  marginMm: number,
  visit: (
    i: number,
    j: number,
    first: number,
    last: number,
    row: number,
  ) => void,
): void {
  const [[i0, i1], [j0, j1], [k0, k1]] = ([0, 1, 2] as const).map((axis) =>
    indicesWithin(coordinates[axis], from[axis] - marginMm, to[axis] + marginMm)
  ) as [Range, Range, Range];
  for (let i = i0; i < i1; i++) {
    for (let j = j0; j < j1; j++) visit(i, j, k0, k1, (i * nj + j) * nk);
  }
}

type Range = [number, number];

/** The stretch of an evenly rising or falling axis that lies in an interval. */
function indicesWithin(axis: Float64Array, lo: number, hi: number): Range {
  let first = 0;
  let last = axis.length;
  const outside = (n: number) => axis[n]! < lo || axis[n]! > hi;
  while (first < last && outside(first)) first++;
  while (last > first && outside(last - 1)) last--;
  return [first, last];
}

function meanStep(coordinates: Placement["coordinates"]): number {
  const steps = coordinates.map((axis) =>
    axis.length < 2 ? 0 : Math.abs(axis[1]! - axis[0]!)
  );
  return (steps[0]! + steps[1]! + steps[2]!) / 3;
}
