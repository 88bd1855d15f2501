/**
 * Writes masks, class probabilities and phantoms as .nii.gz. Nothing but geometry is taken over from an image's
 * header: its free-text fields and extensions may name a patient.
 * @module
 */
import { Buffer } from "node:buffer";
import {
  type Affine,
  type Vec3,
  type VoxelArray,
  voxelCount,
} from "../volume.ts";
import { deflate } from "./gzip.ts";
import type { NiftiHeader } from "./header.ts";
import { type Geometry, newGeometry } from "./new_geometry.ts";
import { toNiftiOrder } from "./voxel_order.ts";

/** What to write: one volume, or several, on the grid of an image (`like`) or on one of their own. */
export type NiftiContent =
  & {
    /** [i][j][k] with k fastest; with `volumes`, [volume][i][j][k]. */
    readonly data: VoxelArray;
    /** How many volumes; the image is 4D then, even for one. */
    readonly volumes?: number;
  }
  & (
    | { readonly like: NiftiHeader }
    | { readonly shape: Vec3; readonly affine: Affine; readonly like?: never }
  );

/** Where fields stand, and the byte ranges that make up the geometry, by version of the standard. */
const LAYOUT = {
  1: {
    dataStart: 352,
    datatype: 70,
    dim: 40,
    pixdim: 76,
    voxOffset: 108,
    slope: 112,
    // sizeof_hdr; dim[0..3]; pixdim[0..3]; xyzt_units; qform_code to srow_z; magic
    kept: [[0, 4], [40, 48], [76, 92], [123, 124], [252, 328], [344, 348]],
  },
  2: {
    dataStart: 544,
    datatype: 12,
    dim: 16,
    pixdim: 104,
    voxOffset: 168,
    slope: 176,
    // sizeof_hdr and magic; dim[0..3]; pixdim[0..3]; qform_code to srow_z; xyzt_units
    kept: [[0, 12], [16, 48], [104, 136], [344, 496], [500, 504]],
  },
} as const;

/**
 * A mask as .nii.gz (uint8) on its image's grid: NIfTI version, byte order, sides, voxel sizes, units, qform and
 * sform are the image's, bit for bit. The same mask and image give the same bytes.
 *
 * @param mask [i][j][k] with k fastest.
 * @param like The image's header.
 * @throws {RangeError} when the mask's length is not the image's.
 */
export function encodeMask(
  mask: Uint8Array<ArrayBuffer>,
  like: NiftiHeader,
): Uint8Array<ArrayBuffer> {
  return encodeNifti({ data: mask, like });
}

/**
 * Volumes as .nii.gz, stored in the type of their array (uint8, int16, float32 or float64) without scaling.
 * With `like`, the geometry is that image's, bit for bit; else `affine` becomes sform and, where it has no
 * shear, qform of a little-endian NIfTI-1 file, rounded to float32.
 *
 * @throws {RangeError} when the array's length is not that of the volumes, or they do not fit into a header.
 */
export function encodeNifti(content: NiftiContent): Uint8Array<ArrayBuffer> {
  const { data, volumes } = content;
  const geometry = content.like ?? newGeometry(content.shape, content.affine);
  const { shape, version, littleEndian } = geometry;
  const count = voxelCount(shape);
  if (data.length !== count * (volumes ?? 1)) {
    throw new RangeError(
      `Cannot write ${data.length} voxels as ${volumes ?? 1} volume(s) of ${
        shape.join(" x ")
      }`,
    );
  }
  const start = LAYOUT[version].dataStart;
  const file = new Uint8Array(start + data.byteLength);
  file.set(encodeHeader(geometry, data, volumes));
  const voxels = viewLike(data, file.buffer, start);
  for (let from = 0; from < data.length; from += count) {
    toNiftiOrder(
      data.subarray(from, from + count),
      voxels.subarray(from, from + count),
      shape,
    );
  }
  if (!littleEndian) swapBytes(file.buffer, start, data.BYTES_PER_ELEMENT);
  return deflate(file);
}

function encodeHeader(
  { version, littleEndian, shape, bytes }: Geometry,
  data: VoxelArray,
  volumes: number | undefined,
): Uint8Array {
  const layout = LAYOUT[version];
  const header = new Uint8Array(layout.dataStart);
  for (const [from, to] of layout.kept) {
    header.set(bytes.subarray(from, to), from);
  }
  const view = new DataView(header.buffer);
  function setDim(n: number, value: number): void {
    if (version === 1) {
      view.setInt16(layout.dim + 2 * n, value, littleEndian);
    } else view.setBigInt64(layout.dim + 8 * n, BigInt(value), littleEndian);
  }
  function setFloat(offset: number, n: number, value: number): void {
    if (version === 1) view.setFloat32(offset + 4 * n, value, littleEndian);
    else view.setFloat64(offset + 8 * n, value, littleEndian);
  }
  if (volumes === undefined) {
    const used = version === 1
      ? view.getInt16(layout.dim, littleEndian)
      : Number(view.getBigInt64(layout.dim, littleEndian));
    setDim(0, Math.min(used, 3));
  } else {
    [4, ...shape].forEach((value, n) => setDim(n, value));
  }
  [volumes ?? 1, 1, 1, 1].forEach((value, n) => setDim(4 + n, value));
  for (let n = 4; n < 8; n++) setFloat(layout.pixdim, n, 1);
  view.setInt16(layout.datatype, datatypeCode(data), littleEndian);
  view.setInt16(
    layout.datatype + 2,
    8 * data.BYTES_PER_ELEMENT,
    littleEndian,
  );
  if (version === 1) setFloat(layout.voxOffset, 0, layout.dataStart);
  else {
    view.setBigInt64(layout.voxOffset, BigInt(layout.dataStart), littleEndian);
  }
  setFloat(layout.slope, 0, 1); // scl_inter, behind it, stays 0
  return header;
}

function datatypeCode(data: VoxelArray): number {
  if (data instanceof Uint8Array) return 2;
  if (data instanceof Int16Array) return 4;
  return data instanceof Float32Array ? 16 : 64;
}

/** The rest of a buffer as an array of the same type as `data`. */
function viewLike(
  data: VoxelArray,
  buffer: ArrayBuffer,
  start: number,
): VoxelArray {
  if (data instanceof Uint8Array) return new Uint8Array(buffer, start);
  if (data instanceof Int16Array) return new Int16Array(buffer, start);
  return data instanceof Float32Array
    ? new Float32Array(buffer, start)
    : new Float64Array(buffer, start);
}

/** To big-endian: typed arrays are little-endian on every platform Deno runs on. */
function swapBytes(buffer: ArrayBuffer, start: number, size: number): void {
  const bytes = Buffer.from(buffer, start);
  if (size === 2) bytes.swap16();
  else if (size === 4) bytes.swap32();
  else if (size === 8) bytes.swap64();
}
