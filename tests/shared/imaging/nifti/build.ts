/**
 * Builds NIfTI files field by field, so that tests know every byte without the code under test.
 * @module
 */
import { CaseError } from "../../../../shared/case_error.ts";

export type DatatypeName =
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "float32"
  | "float64";

/** Code and bytes per voxel. */
export const TYPES: Record<DatatypeName, readonly [number, number]> = {
  int8: [256, 1],
  uint8: [2, 1],
  int16: [4, 2],
  uint16: [512, 2],
  int32: [8, 4],
  uint32: [768, 4],
  int64: [1024, 8],
  uint64: [1280, 8],
  float32: [16, 4],
  float64: [64, 8],
};

export interface Fields {
  version?: 1 | 2;
  littleEndian?: boolean;
  /** dim[0..7]; by default a 2 x 2 x 2 image. */
  dim?: readonly number[];
  type?: DatatypeName;
  /** Instead of the type's code and bits. */
  datatype?: number;
  bitpix?: number;
  /** pixdim[0..7]. */
  pixdim?: readonly number[];
  voxOffset?: number;
  slope?: number;
  intercept?: number;
  qformCode?: number;
  sformCode?: number;
  quaternion?: readonly [number, number, number];
  qoffset?: readonly [number, number, number];
  srow?: readonly number[];
  units?: number;
  magic?: string;
  descrip?: string;
  /** In the file's order: i fastest. */
  values?: readonly (number | bigint)[];
}

/** Columns 2, 3, 4 mm along x, y, z; origin (-10, 20, 30). */
export const SROW = [2, 0, 0, -10, 0, 3, 0, 20, 0, 0, 4, 30];

const OFFSETS = {
  1: {
    header: 348,
    data: 352,
    datatype: 70,
    dim: 40,
    pixdim: 76,
    voxOffset: 108,
    slope: 112,
    units: 123,
    descrip: 148,
    qformCode: 252,
    quaternion: 256,
    srow: 280,
    magic: 344,
  },
  2: {
    header: 540,
    data: 544,
    datatype: 12,
    dim: 16,
    pixdim: 104,
    voxOffset: 168,
    slope: 176,
    units: 500,
    descrip: 240,
    qformCode: 344,
    quaternion: 352,
    srow: 400,
    magic: 4,
  },
} as const;

/** An uncompressed .nii file; by default little-endian NIfTI-1, 2 x 2 x 2 uint8 0 to 7 with an sform. */
export function buildNifti(fields: Fields = {}): Uint8Array<ArrayBuffer> {
  const {
    version = 1,
    littleEndian = true,
    dim = [3, 2, 2, 2, 1, 1, 1, 1],
    type = "uint8",
    values = [0, 1, 2, 3, 4, 5, 6, 7],
    pixdim = [1, 2, 3, 4, 1, 1, 1, 1],
    qoffset = [0, 0, 0],
    quaternion = [0, 0, 0],
    srow = SROW,
  } = fields;
  const at = OFFSETS[version];
  const [code, size] = TYPES[type];
  const voxOffset = fields.voxOffset ?? at.data;
  const dataStart = Math.max(at.data, Math.min(voxOffset, 4096) || 0);
  const bytes = new Uint8Array(dataStart + size * values.length);
  const view = new DataView(bytes.buffer);
  function short(offset: number, value: number): void {
    view.setInt16(offset, value, littleEndian);
  }
  function float(offset: number, n: number, value: number): void {
    if (version === 1) view.setFloat32(offset + 4 * n, value, littleEndian);
    else view.setFloat64(offset + 8 * n, value, littleEndian);
  }
  function text(offset: number, characters: string): void {
    for (let n = 0; n < characters.length; n++) {
      bytes[offset + n] = characters.charCodeAt(n);
    }
  }
  view.setInt32(0, at.header, littleEndian);
  dim.forEach((value, n) => {
    if (version === 1) short(at.dim + 2 * n, value);
    else view.setBigInt64(at.dim + 8 * n, BigInt(value), littleEndian);
  });
  short(at.datatype, fields.datatype ?? code);
  short(at.datatype + 2, fields.bitpix ?? 8 * size);
  pixdim.forEach((value, n) => float(at.pixdim, n, value));
  if (version === 1) float(at.voxOffset, 0, voxOffset);
  else view.setBigInt64(at.voxOffset, BigInt(voxOffset), littleEndian);
  float(at.slope, 0, fields.slope ?? 1);
  float(at.slope, 1, fields.intercept ?? 0);
  const codes = [fields.qformCode ?? 0, fields.sformCode ?? 1];
  codes.forEach((value, n) => {
    if (version === 1) short(at.qformCode + 2 * n, value);
    else view.setInt32(at.qformCode + 4 * n, value, littleEndian);
  });
  [...quaternion, ...qoffset].forEach((value, n) =>
    float(at.quaternion, n, value)
  );
  srow.forEach((value, n) => float(at.srow, n, value));
  if (version === 1) bytes[at.units] = fields.units ?? 2;
  else view.setInt32(at.units, fields.units ?? 2, littleEndian);
  text(at.descrip, fields.descrip ?? "");
  text(at.magic, fields.magic ?? (version === 1 ? "n+1" : "n+2\0\r\n\x1a\n"));
  values.forEach((value, n) =>
    setVoxel(view, dataStart + size * n, type, value, littleEndian)
  );
  return bytes;
}

function setVoxel(
  view: DataView,
  offset: number,
  type: DatatypeName,
  value: number | bigint,
  littleEndian: boolean,
): void {
  switch (type) {
    case "int8":
      return view.setInt8(offset, Number(value));
    case "uint8":
      return view.setUint8(offset, Number(value));
    case "int16":
      return view.setInt16(offset, Number(value), littleEndian);
    case "uint16":
      return view.setUint16(offset, Number(value), littleEndian);
    case "int32":
      return view.setInt32(offset, Number(value), littleEndian);
    case "uint32":
      return view.setUint32(offset, Number(value), littleEndian);
    case "int64":
      return view.setBigInt64(offset, BigInt(value), littleEndian);
    case "uint64":
      return view.setBigUint64(offset, BigInt(value), littleEndian);
    case "float32":
      return view.setFloat32(offset, Number(value), littleEndian);
    case "float64":
      return view.setFloat64(offset, Number(value), littleEndian);
  }
}

/** What a function throws, as `kind: problem`; anything but a CaseError is thrown on. */
export function problemOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof CaseError) return `${error.kind}: ${error.problem}`;
    throw error;
  }
  return "no error";
}
