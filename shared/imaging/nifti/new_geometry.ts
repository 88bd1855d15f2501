/**
 * Header bytes for an image that is not on another image's grid: the geometry fields of a NIfTI-1 header.
 * @module
 */
import { determinant, spacingMm } from "../affine.ts";
import type { Affine, Vec3 } from "../volume.ts";
import type { NiftiHeader } from "./header.ts";

/** What of a header says where voxels lie, and how it is stored. */
export type Geometry = Pick<
  NiftiHeader,
  "version" | "littleEndian" | "shape" | "bytes"
>;

const SCANNER = 1;
const MILLIMETRES = 2;
/** The sine of the angle by which two axes may miss a right angle and still be written as a rotation. */
const SHEAR = 1e-5;

/**
 * Geometry of a new image: the affine as sform (code 1), and as qform (code 1) too where it has no shear,
 * for the programs that look at that one. Numbers are stored as float32, as NIfTI-1 has them.
 *
 * @throws {RangeError} when a side or the affine does not fit into a header.
 */
export function newGeometry(shape: Vec3, affine: Affine): Geometry {
  if (
    !shape.every((side) => Number.isInteger(side) && side > 0 && side < 2 ** 15)
  ) {
    throw new RangeError(
      `Cannot write an image of ${
        shape.join(" x ")
      } voxels: a side must be 1 to 32767`,
    );
  }
  const det = determinant(affine);
  if (!affine.every(Number.isFinite) || !Number.isFinite(det) || det === 0) {
    throw new RangeError(
      `Cannot write an image with the affine [${affine.join(", ")}]: ` +
        "it must be finite and invertible",
    );
  }
  const bytes = new Uint8Array(348);
  const view = new DataView(bytes.buffer);
  function setFloats(offset: number, values: readonly number[]): void {
    values.forEach((value, n) => view.setFloat32(offset + 4 * n, value, true));
  }
  view.setInt32(0, 348, true);
  [3, ...shape].forEach((value, n) => view.setInt16(40 + 2 * n, value, true));
  const qfac = det < 0 ? -1 : 1;
  setFloats(76, [qfac, ...spacingMm(affine)]);
  view.setUint8(123, MILLIMETRES);
  const quaternion = affineQuaternion(affine, qfac);
  if (quaternion !== undefined) {
    view.setInt16(252, SCANNER, true);
    setFloats(256, [...quaternion, affine[3]!, affine[7]!, affine[11]!]);
  }
  view.setInt16(254, SCANNER, true);
  setFloats(280, affine.slice(0, 12));
  bytes.set([0x6e, 0x2b, 0x31, 0], 344); // n+1
  return { version: 1, littleEndian: true, shape, bytes };
}

/**
 * The imaginary part (b, c, d) of the unit quaternion with real part >= 0 that turns as the affine does, its
 * third axis times `qfac`; undefined where the axes are not at right angles.
 */
function affineQuaternion(affine: Affine, qfac: number): Vec3 | undefined {
  const [x, y, z] = spacingMm(affine);
  const column = (c: number, length: number): Vec3 => [
    affine[c]! / length,
    affine[4 + c]! / length,
    affine[8 + c]! / length,
  ];
  const i = column(0, x);
  const j = column(1, y);
  const k = column(2, z * qfac);
  const dots = [dot(i, j), dot(j, k), dot(i, k)];
  if (dots.some((cosine) => Math.abs(cosine) > SHEAR)) return undefined;

  // From the largest of the four, so that no small number is divided by.
  const squares = [
    1 + i[0] + j[1] + k[2],
    1 + i[0] - j[1] - k[2],
    1 - i[0] + j[1] - k[2],
    1 - i[0] - j[1] + k[2],
  ];
  const largest = squares.indexOf(Math.max(...squares));
  // Four times the products of the quaternion's parts, row by row (aa, ab, ...); a rotation holds them all.
  const products = [
    [squares[0]!, j[2] - k[1], k[0] - i[2], i[1] - j[0]],
    [j[2] - k[1], squares[1]!, i[1] + j[0], k[0] + i[2]],
    [k[0] - i[2], i[1] + j[0], squares[2]!, j[2] + k[1]],
    [i[1] - j[0], k[0] + i[2], j[2] + k[1], squares[3]!],
  ];
  const [a, b, c, d] = products[largest]!;
  const sign = a! < 0 ? -1 : 1;
  const scale = sign / Math.hypot(a!, b!, c!, d!);
  return [b! * scale, c! * scale, d! * scale];
}

function dot(u: Vec3, v: Vec3): number {
  return u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
}
