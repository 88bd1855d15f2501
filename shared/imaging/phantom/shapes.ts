/**
 * The solids that bodies are made of. Coordinates are those of a standing reference person of
 * {@linkcode REFERENCE_STATURE_MM}: millimetres to the right, to anterior and up from the crown.
 * Only square roots are used, which every machine rounds alike.
 * @module
 */
import type { Vec3 } from "../volume.ts";

/** Organs are described in millimetres of a person of this stature. */
export const REFERENCE_STATURE_MM = 1750;

export interface Shape {
  /** Opposite corners of a box around the shape. */
  readonly from: Vec3;
  readonly to: Vec3;
  /** About how deep a point lies under the surface, in millimetres; negative outside. */
  depthMm(x: number, y: number, z: number): number;
}

export function ellipsoid(center: Vec3, radii: Vec3): Shape {
  const [cx, cy, cz] = center;
  const [rx, ry, rz] = radii;
  return {
    ...boxAround(center, radii),
    depthMm(x, y, z) {
      const u = (x - cx) / rx;
      const v = (y - cy) / ry;
      const w = (z - cz) / rz;
      const level = Math.sqrt(u * u + v * v + w * w);
      if (level === 0) return Math.min(rx, ry, rz);
      const du = u / rx;
      const dv = v / ry;
      const dw = w / rz;
      return level * (1 - level) / Math.sqrt(du * du + dv * dv + dw * dw);
    },
  };
}

/** An ellipsoid of revolution whose axis runs along a direction (of any length). */
export function spheroid(
  center: Vec3,
  direction: Vec3,
  along: number,
  across: number,
): Shape {
  const [cx, cy, cz] = center;
  const [ax, ay, az] = unit(direction);
  const r = Math.max(along, across);
  return {
    ...boxAround(center, [r, r, r]),
    depthMm(x, y, z) {
      const dx = x - cx;
      const dy = y - cy;
      const dz = z - cz;
      const t = dx * ax + dy * ay + dz * az;
      const rest = dx * dx + dy * dy + dz * dz - t * t;
      const level = Math.sqrt(
        t * t / (along * along) + Math.max(0, rest) / (across * across),
      );
      return (1 - level) * Math.min(along, across);
    },
  };
}

/** A tube with round ends from one point to another, its radius changing evenly. */
export function tube(
  start: Vec3,
  startRadius: number,
  end: Vec3,
  endRadius: number,
): Shape {
  const [ax, ay, az] = start;
  const [bx, by, bz] = [end[0] - ax, end[1] - ay, end[2] - az];
  const lengthSquared = bx * bx + by * by + bz * bz;
  const bound = (axis: 0 | 1 | 2, sign: -1 | 1) =>
    sign *
    Math.max(sign * start[axis] + startRadius, sign * end[axis] + endRadius);
  return {
    from: [bound(0, -1), bound(1, -1), bound(2, -1)],
    to: [bound(0, 1), bound(1, 1), bound(2, 1)],
    depthMm(x, y, z) {
      const dx = x - ax;
      const dy = y - ay;
      const dz = z - az;
      const along = (dx * bx + dy * by + dz * bz) / lengthSquared;
      const t = along < 0 ? 0 : along > 1 ? 1 : along;
      const ex = dx - t * bx;
      const ey = dy - t * by;
      const ez = dz - t * bz;
      return startRadius + t * (endRadius - startRadius) -
        Math.sqrt(ex * ex + ey * ey + ez * ez);
    },
  };
}

/** One horizontal section of a trunk: half its width and depth, and where its middle lies. */
export interface Section {
  readonly z: number;
  readonly halfWidth: number;
  readonly halfDepth: number;
  readonly y: number;
}

/** A trunk through sections given from the top down; each is a rounded rectangle. */
export function trunk(sections: readonly Section[]): Shape {
  const top = sections[0]!.z;
  const bottom = sections.at(-1)!.z;
  const rows = Math.floor(top - bottom) + 1;
  const halfWidths = new Float64Array(rows);
  const halfDepths = new Float64Array(rows);
  const middles = new Float64Array(rows);
  for (let row = 0, above = 0; row < rows; row++) {
    const z = top - row;
    while (above < sections.length - 2 && z < sections[above + 1]!.z) above++;
    const [a, b] = [sections[above]!, sections[above + 1]!];
    const t = (a.z - z) / (a.z - b.z);
    halfWidths[row] = a.halfWidth + t * (b.halfWidth - a.halfWidth);
    halfDepths[row] = a.halfDepth + t * (b.halfDepth - a.halfDepth);
    middles[row] = a.y + t * (b.y - a.y);
  }
  const width = Math.max(...sections.map((s) => s.halfWidth));
  return {
    from: [-width, Math.min(...sections.map((s) => s.y - s.halfDepth)), bottom],
    to: [width, Math.max(...sections.map((s) => s.y + s.halfDepth)), top],
    depthMm(x, y, z) {
      const row = Math.min(rows - 1, Math.max(0, Math.round(top - z)));
      const halfWidth = halfWidths[row]!;
      const halfDepth = halfDepths[row]!;
      const u = x / halfWidth;
      const v = (y - middles[row]!) / halfDepth;
      const uu = u * u;
      const vv = v * v;
      const round = Math.sqrt(uu + vv);
      const square = Math.sqrt(Math.sqrt(uu * uu + vv * vv));
      const inside = (1 - (round + square) / 2) *
        Math.min(halfWidth, halfDepth);
      return Math.min(inside, top - z, z - bottom);
    },
  };
}

/** The shape without its outer layer. */
export function inset(shape: Shape, layerMm: number): Shape {
  return {
    from: shape.from,
    to: shape.to,
    depthMm: (x, y, z) => shape.depthMm(x, y, z) - layerMm,
  };
}

function boxAround(
  [x, y, z]: Vec3,
  [rx, ry, rz]: Vec3,
): Pick<Shape, "from" | "to"> {
  return { from: [x - rx, y - ry, z - rz], to: [x + rx, y + ry, z + rz] };
}

function unit([x, y, z]: Vec3): Vec3 {
  const length = Math.sqrt(x * x + y * y + z * z);
  return [x / length, y / length, z / length];
}
