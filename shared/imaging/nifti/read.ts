/**
 * Reads NIfTI images and labels from memory.
 * @module
 */
import { CaseError } from "../../case_error.ts";
import { type Volume, voxelCount } from "../volume.ts";
import { inflateAll, inflatePrefix, isGzip, LARGEST_RATIO } from "./gzip.ts";
import {
  DEFAULT_LIMITS,
  LONGEST_HEADER,
  type NiftiHeader,
  type NiftiLimits,
  parseNiftiHeader,
} from "./header.ts";
import { forEachBlock } from "./voxel_order.ts";

/**
 * Bytes after the last voxel are ignored, as nibabel ignores them; more than this, and the header
 * describes another image than the one in the file.
 */
const MOST_TRAILING_BYTES = 2 ** 20;

/** How far a label may be from a whole number: scaled labels are, by rounding (0.99999999977 is 1). */
const LABEL_TOLERANCE = 1e-3;

/**
 * Reads the header alone, for which the first bytes of a .nii or .nii.gz file do: 64 KiB always, 4 KiB nearly
 * always.
 *
 * @throws {CaseError} as {@linkcode parseNiftiHeader}, and "unreadable" for corrupt gzip data.
 */
export function readNiftiHeader(
  firstBytes: Uint8Array,
  limits: NiftiLimits = DEFAULT_LIMITS,
): NiftiHeader {
  const bytes = isGzip(firstBytes)
    ? inflatePrefix(firstBytes, LONGEST_HEADER)
    : firstBytes;
  return parseNiftiHeader(bytes, limits);
}

/**
 * Reads an image: .nii or .nii.gz, told apart by content. Slope and intercept are applied in doubles, then
 * values are stored as float32. The header is checked before anything of its size is allocated: at most
 * the file's content (never more than 1032 times its compressed size, nor more than the limits
 * allow, plus 1 MiB) and the volume.
 *
 * @returns The header, and the volume [i][j][k] with k fastest.
 * @throws {CaseError} "unreadable" for what is no NIfTI, damaged or cut short; "geometry" for several volumes or
 * a bad affine; "voxels" for voxels that are NaN or infinite (in float32).
 */
export function readNifti(
  bytes: Uint8Array,
  limits: NiftiLimits = DEFAULT_LIMITS,
): { header: NiftiHeader; volume: Volume } {
  const { header, voxels } = openNifti(bytes, limits);
  const { shape, affine } = header;
  const [ni, nj, nk] = shape;
  const data = new Float32Array(voxelCount(shape));
  forEachBlock(header, voxels, (rows, j, k, count) => {
    for (let i = 0; i < ni; i++) {
      gather(rows, i, ni, count, data, (i * nj + j) * nk + k);
    }
  });
  if (!isAlwaysFinite(header)) refuseNonFinite(data, header);
  return { header, volume: { data, shape, affine } };
}

/**
 * Reads a label: as {@linkcode readNifti}, but values are rounded to whole numbers from 0 to 255.
 *
 * @throws {CaseError} as {@linkcode readNifti}, and "label" for a value more than 0.001 from a whole number, below 0
 * or above 255.
 */
export function readNiftiLabel(
  bytes: Uint8Array,
  limits: NiftiLimits = DEFAULT_LIMITS,
): { header: NiftiHeader; volume: Volume<Uint8Array<ArrayBuffer>> } {
  const { header, voxels } = openNifti(bytes, limits);
  const { shape, affine } = header;
  const [ni, nj, nk] = shape;
  const data = new Uint8Array(voxelCount(shape));
  const infinite = new BadVoxels();
  const noLabels = new BadVoxels();
  forEachBlock(header, voxels, (rows, j, k, count) => {
    for (let i = 0; i < ni; i++) {
      const start = (i * nj + j) * nk + k;
      for (let r = 0; r < count; r++) {
        const value = rows[r * ni + i]!;
        const label = Math.floor(value + 0.5);
        if (
          !(Math.abs(value - label) <= LABEL_TOLERANCE && label >= 0 &&
            label <= 255)
        ) {
          const bad = Number.isFinite(value) ? noLabels : infinite;
          bad.add(start + r, value);
        }
        data[start + r] = label;
      }
    }
  });
  if (infinite.count > 0) throw nonFinite(infinite, header);
  if (noLabels.count > 0) {
    throw new CaseError(
      "label",
      `${noLabels.of(header)} are no labels (whole numbers from 0 to 255), ` +
        noLabels.first(header),
    );
  }
  return { header, volume: { data, shape, affine } };
}

/**
 * Copies every `step`-th of the rows' values, from `first` on, to where they lie together in our order. A function of
 * its own, as all innermost loops here: V8 keeps replacing a long function while it runs.
 */
function gather(
  rows: Float64Array,
  first: number,
  step: number,
  count: number,
  data: Float32Array,
  start: number,
): void {
  for (let r = 0; r < count; r++) data[start + r] = rows[first + r * step]!;
}

/** Header and voxel bytes of a file of either kind, its length checked against the header. */
function openNifti(
  bytes: Uint8Array,
  limits: NiftiLimits,
): { header: NiftiHeader; voxels: Uint8Array } {
  const header = readNiftiHeader(bytes, limits);
  const { byteCount, dataOffset } = header;
  const gzipped = isGzip(bytes);
  checkFileSize(header, gzipped, bytes.length);
  const content = gzipped
    ? inflateAll(bytes, byteCount, byteCount + MOST_TRAILING_BYTES)
    : bytes;
  checkContentSize(header, content.length);
  return { header, voxels: content.subarray(dataOffset, byteCount) };
}

/**
 * Refuses a file whose size alone shows that its header lies: needs no more than the file's first bytes.
 *
 * @param gzipped whether the file is compressed; `bytes` is its size as stored.
 * @throws {CaseError} "unreadable", as {@linkcode readNifti} would refuse it.
 */
export function checkFileSize(
  header: NiftiHeader,
  gzipped: boolean,
  bytes: number,
): void {
  if (!gzipped) checkContentSize(header, bytes);
  else if (header.byteCount > LARGEST_RATIO * bytes) {
    throw new CaseError(
      "unreadable",
      `its header promises ${header.byteCount} bytes, more than its ${bytes} compressed bytes can hold`,
    );
  }
}

function checkContentSize({ byteCount }: NiftiHeader, bytes: number): void {
  if (bytes < byteCount) {
    throw new CaseError(
      "unreadable",
      `its data are cut short: ${bytes} of the ${byteCount} bytes its header promises`,
    );
  }
  if (bytes > byteCount + MOST_TRAILING_BYTES) {
    throw new CaseError(
      "unreadable",
      `it holds ${bytes} bytes, but its header describes ${byteCount}`,
    );
  }
}

/** Whether scaling keeps every value the datatype can hold within float32, so that none need be looked at. */
function isAlwaysFinite(
  { datatype, slope, intercept }: NiftiHeader,
): boolean {
  const largest = 2 ** 64 * Math.abs(slope) + Math.abs(intercept);
  return datatype.isInteger && Number.isFinite(Math.fround(largest));
}

function refuseNonFinite(data: Float32Array, header: NiftiHeader): void {
  const bad = new BadVoxels();
  for (let n = 0; n < data.length; n++) {
    const value = data[n]!;
    // Only NaN and the infinities do not give 0; cheaper than a call per voxel.
    if (value - value !== 0) bad.add(n, value);
  }
  if (bad.count > 0) throw nonFinite(bad, header);
}

function nonFinite(bad: BadVoxels, header: NiftiHeader): CaseError {
  return new CaseError(
    "voxels",
    `${bad.of(header)} are NaN or infinite, ${bad.first(header)}`,
  );
}

/** Counts voxels that cannot be used and remembers the first, in the order of our volumes. */
class BadVoxels {
  count = 0;
  index = Infinity;
  value = 0;

  add(index: number, value: number): void {
    this.count++;
    if (index < this.index) {
      this.index = index;
      this.value = value;
    }
  }

  of({ shape }: NiftiHeader): string {
    return `${this.count} of its ${voxelCount(shape)} voxels`;
  }

  first({ shape: [, nj, nk] }: NiftiHeader): string {
    const k = this.index % nk;
    const row = (this.index - k) / nk;
    return `the first at [${Math.floor(row / nj)}, ${
      row % nj
    }, ${k}] is ${this.value}`;
  }
}
