/**
 * The NIfTI header: nifti-reader-js takes the fields apart, this checks every one that matters before anything
 * is allocated, and adds our own affine.
 * @module
 */
import { NIFTI1, NIFTI2 } from "nifti-reader-js";
import { CaseError } from "../../case_error.ts";
import { spacingMm } from "../affine.ts";
import { type Affine, type Vec3, voxelCount } from "../volume.ts";
import { type Datatype, DATATYPES, REFUSED_DATATYPES } from "./datatypes.ts";
import { foreignFormat } from "./foreign.ts";
import { headerAffine } from "./header_affine.ts";

/** What a header may ask for. */
export interface NiftiLimits {
  /** The most voxels an image may have: 2^28 are 1 GiB of float32. */
  readonly maxVoxels: number;
}

export const DEFAULT_LIMITS: NiftiLimits = { maxVoxels: 2 ** 28 };

/** The largest side NIfTI-1 can express; NIfTI-2 headers are held to it too. */
const MAX_SIDE = 32767;
/** Extensions stand before the voxels; more of them than this is a damaged header. */
const MAX_DATA_OFFSET = 16 * 2 ** 20;

/** The bytes of the longer header: enough of any file for {@linkcode parseNiftiHeader}. */
export const LONGEST_HEADER = 540;

export interface NiftiHeader {
  readonly version: 1 | 2;
  readonly littleEndian: boolean;
  readonly shape: Vec3;
  /** Voxel sizes along i, j, k: the lengths of the affine's columns. */
  readonly spacingMm: Vec3;
  /** Voxel indices to RAS+ millimetres, as nibabel chooses it. */
  readonly affine: Affine;
  readonly datatype: Datatype;
  /** Voxel value = stored value * slope + intercept. */
  readonly slope: number;
  readonly intercept: number;
  readonly sformCode: number;
  readonly qformCode: number;
  /** Where the voxels start in the (decompressed) file. */
  readonly dataOffset: number;
  /** The least number of bytes of the (decompressed) file: dataOffset and all voxels. */
  readonly byteCount: number;
  /** The 348 or 540 header bytes as they stand in the file, so that a mask can repeat their geometry. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What is read here rather than by nifti-reader-js, and where it stands, by version. */
const LAYOUT = {
  1: { size: 348, dataStart: 352, srow: 280, magicAt: 344, magic: "n+1\0" },
  2: {
    size: 540,
    dataStart: 544,
    srow: 400,
    magicAt: 4,
    magic: "n+2\0\r\n\x1a\n",
  },
} as const;

/** nibabel's thresholds: three times the epsilon of the precision the quaternion is stored in. */
const QUATERNION_THRESHOLD = { 1: 3 * 2 ** -23, 2: 3 * 2 ** -52 } as const;

/**
 * Reads and checks the header of a single-file NIfTI-1 or NIfTI-2 image (.nii), either byte order.
 * Images of one volume only: 3D, or more dimensions of which all beyond the third are 1; 1D and 2D images
 * get trailing sides of 1.
 *
 * @param bytes The decompressed file, or its first {@linkcode LONGEST_HEADER} bytes.
 * @throws {CaseError} "unreadable" for what is no (sane) NIfTI header, "geometry" for several volumes or an
 * affine that is not finite or singular.
 */
export function parseNiftiHeader(
  bytes: Uint8Array,
  limits: NiftiLimits = DEFAULT_LIMITS,
): NiftiHeader {
  const { version, littleEndian } = identify(bytes);
  const layout = LAYOUT[version];
  const raw = new Uint8Array(bytes.subarray(0, layout.size));
  const fields = version === 1 ? new NIFTI1() : new NIFTI2();
  fields.readHeader(raw.buffer);

  const shape = checkedShape(fields.dims, limits);
  const datatype = checkedDatatype(
    fields.datatypeCode,
    fields.numBitsPerVoxel,
  );
  const dataOffset = checkedDataOffset(fields.vox_offset, layout.dataStart);
  const affine = headerAffine({
    shape,
    dimensions: fields.dims[0]!,
    pixdim: fields.pixDims,
    sformCode: fields.sform_code,
    qformCode: fields.qform_code,
    quaternion: [fields.quatern_b, fields.quatern_c, fields.quatern_d],
    qoffset: [fields.qoffset_x, fields.qoffset_y, fields.qoffset_z],
    srow: readSrow(raw, version, littleEndian),
    quaternionThreshold: QUATERNION_THRESHOLD[version],
  });
  return {
    version,
    littleEndian,
    shape,
    spacingMm: spacingMm(affine),
    affine,
    datatype,
    ...checkedScaling(fields.scl_slope, fields.scl_inter),
    sformCode: fields.sform_code,
    qformCode: fields.qform_code,
    dataOffset,
    byteCount: dataOffset + voxelCount(shape) * datatype.bytes,
    bytes: raw,
  };
}

function unreadable(problem: string): CaseError {
  return new CaseError("unreadable", problem);
}

/** Version and byte order, from sizeof_hdr and the magic. */
function identify(
  bytes: Uint8Array,
): { version: 1 | 2; littleEndian: boolean } {
  if (bytes.length === 0) throw unreadable("it is empty");
  const start = new DataView(new Uint8Array(bytes.subarray(0, 4)).buffer);
  for (const version of [1, 2] as const) {
    for (const littleEndian of [true, false]) {
      const { size, magicAt, magic } = LAYOUT[version];
      if (bytes.length < 4 || start.getInt32(0, littleEndian) !== size) {
        continue;
      }
      if (bytes.length < size) {
        throw unreadable(
          `it is cut short: ${bytes.length} of the ${size} bytes of a NIfTI-${version} header`,
        );
      }
      checkMagic(bytes.subarray(magicAt, magicAt + magic.length), magic);
      return { version, littleEndian };
    }
  }
  throw unreadable(
    foreignFormat(bytes) ??
      "it is no NIfTI file: it starts with neither 348 nor 540, the sizes of a NIfTI header",
  );
}

function checkMagic(bytes: Uint8Array, expected: string): void {
  const magic = String.fromCharCode(...bytes);
  if (magic === expected) return;
  if (magic.startsWith("ni1\0") || magic.startsWith("ni2\0")) {
    throw unreadable(
      "it is the header of a .hdr/.img pair; convert the pair to one .nii file",
    );
  }
  throw unreadable(
    magic === "\0\0\0\0"
      ? "it is an Analyze 7.5 header, not NIfTI; convert it first"
      : `its NIfTI magic is ${JSON.stringify(magic)}, not ${
        JSON.stringify(expected)
      }`,
  );
}

function checkedShape(
  dim: readonly number[],
  { maxVoxels }: NiftiLimits,
): Vec3 {
  const used = dim[0]!;
  if (!(used >= 1 && used <= 7)) {
    throw unreadable(
      `its header is damaged: it claims ${used} dimensions, not 1 to 7`,
    );
  }
  const sides = dim.slice(1, used + 1);
  const claim = sides.join(" x ");
  if (!sides.every((side) => side >= 1 && side <= MAX_SIDE)) {
    throw unreadable(
      `its header claims ${claim} voxels, and a side must be 1 to ${MAX_SIDE}`,
    );
  }
  const volumes = sides.slice(3).reduce((product, side) => product * side, 1);
  if (volumes !== 1) {
    throw new CaseError(
      "geometry",
      `it holds ${volumes} volumes (${claim}), not one`,
    );
  }
  const shape: Vec3 = [sides[0]!, sides[1] ?? 1, sides[2] ?? 1];
  if (voxelCount(shape) > maxVoxels) {
    throw unreadable(
      `its header claims ${claim} voxels, more than the limit of ${maxVoxels}`,
    );
  }
  return shape;
}

function checkedDatatype(code: number, bitsPerVoxel: number): Datatype {
  const datatype = DATATYPES.get(code);
  if (datatype === undefined) {
    const known = [...DATATYPES.values()].map(({ name }) => name).join(", ");
    throw unreadable(
      `its datatype is ${
        REFUSED_DATATYPES.get(code) ?? `code ${code}`
      }, not one of ${known}`,
    );
  }
  if (bitsPerVoxel !== 8 * datatype.bytes) {
    throw unreadable(
      `its header is damaged: ${bitsPerVoxel} bits per voxel (bitpix) do not fit its datatype ${datatype.name}`,
    );
  }
  return datatype;
}

function checkedDataOffset(offset: number, least: number): number {
  if (
    !(Number.isInteger(offset) && offset >= least && offset <= MAX_DATA_OFFSET)
  ) {
    throw unreadable(
      `its header is damaged: the voxels start at byte ${offset} (vox_offset), ` +
        `which is no whole number from ${least} to ${MAX_DATA_OFFSET}`,
    );
  }
  return offset;
}

/**
 * nibabel's rule (`get_slope_inter`): a slope that is 0 or not finite means that the stored values are
 * the voxel values, whatever the intercept; a usable slope needs a finite intercept.
 */
function checkedScaling(
  slope: number,
  intercept: number,
): { slope: number; intercept: number } {
  if (slope === 0 || !Number.isFinite(slope)) {
    return { slope: 1, intercept: 0 };
  }
  if (!Number.isFinite(intercept)) {
    throw unreadable(
      `its header is damaged: scl_slope is ${slope}, but scl_inter is ${intercept}`,
    );
  }
  return { slope, intercept };
}

/** nifti-reader-js keeps srow only where it prefers the sform, so the 12 numbers are read here. */
function readSrow(
  raw: Uint8Array<ArrayBuffer>,
  version: 1 | 2,
  littleEndian: boolean,
): number[] {
  const { srow } = LAYOUT[version];
  const view = new DataView(raw.buffer);
  return Array.from(
    { length: 12 },
    (_, n) =>
      version === 1
        ? view.getFloat32(srow + 4 * n, littleEndian)
        : view.getFloat64(srow + 8 * n, littleEndian),
  );
}
