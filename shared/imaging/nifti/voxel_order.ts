/**
 * Between NIfTI's voxel order (i fastest) and ours (k fastest). Both directions go through the volume in
 * blocks, so that each cache line is used whole: a plain triple loop is several times slower.
 * @module
 */
import type { Vec3, VoxelArray } from "../volume.ts";
import type { NiftiHeader } from "./header.ts";

/** Rows of a block: 32 float32 are two cache lines, and rows of usual length stay in the L2 cache. */
const BLOCK = 32;

/** Gets `count` rows along i, of voxels (i, j, k + r) at `rows[r * shape[0] + i]`; rows are reused. */
type Visit = (rows: Float64Array, j: number, k: number, count: number) => void;

/**
 * Visits the voxels of a file in blocks of rows along i, as values (slope and intercept applied, in doubles).
 *
 * @param voxels The file's bytes from `header.dataOffset` on.
 */
export function forEachBlock(
  header: NiftiHeader,
  voxels: Uint8Array,
  visit: Visit,
): void {
  const [ni, nj, nk] = header.shape;
  const view = new DataView(voxels.buffer, voxels.byteOffset);
  const rows = new Float64Array(Math.min(BLOCK, nk) * ni);
  for (let j = 0; j < nj; j++) visitSlab(header, view, rows, j, visit);
}

/** The blocks of one j. A function of its own, so that its optimised code is taken up within a volume. */
function visitSlab(
  { shape: [ni, nj, nk], datatype, littleEndian, slope, intercept }:
    NiftiHeader,
  view: DataView,
  rows: Float64Array,
  j: number,
  visit: Visit,
): void {
  const isScaled = slope !== 1 || intercept !== 0;
  for (let k = 0; k < nk; k += BLOCK) {
    const count = Math.min(BLOCK, nk - k);
    for (let r = 0; r < count; r++) {
      const offset = ((k + r) * nj + j) * ni * datatype.bytes;
      datatype.decodeRow(view, offset, littleEndian, rows, r * ni, ni);
    }
    if (isScaled) scale(rows, count * ni, slope, intercept);
    visit(rows, j, k, count);
  }
}

function scale(
  values: Float64Array,
  count: number,
  slope: number,
  intercept: number,
): void {
  for (let n = 0; n < count; n++) values[n] = values[n]! * slope + intercept;
}

/** Copies one volume from our order into NIfTI's; both arrays have the same type and length. */
export function toNiftiOrder(
  source: VoxelArray,
  target: VoxelArray,
  [ni, nj, nk]: Vec3,
): void {
  for (let j = 0; j < nj; j++) {
    for (let k0 = 0; k0 < nk; k0 += BLOCK) {
      const end = Math.min(nk, k0 + BLOCK);
      for (let i = 0; i < ni; i++) {
        const from = (i * nj + j) * nk;
        for (let k = k0; k < end; k++) {
          target[(k * nj + j) * ni + i] = source[from + k]!;
        }
      }
    }
  }
}
