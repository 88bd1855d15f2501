/** @module NIfTI-1 files whose headers say something else. */
import { gunzipSync, gzipSync } from "node:zlib";

export type Bytes = Uint8Array<ArrayBuffer>;

/** The header of a file as it is, changed. */
export function withHeader(
  file: Bytes,
  change: (header: DataView) => void,
): Bytes {
  const bytes = new Uint8Array(gunzipSync(file));
  change(new DataView(bytes.buffer));
  return new Uint8Array(gzipSync(bytes));
}

/** Where things stand in a header. */
export const QFORM_CODE = 252;
export const SFORM_CODE = 254;
export const QUATERNION = 256;
export const QOFFSET = 268;
export const SROW = 280;
export const PIXDIM = 76;

export const floats = (
  header: DataView,
  at: number,
  values: readonly number[],
) => values.forEach((value, n) => header.setFloat32(at + 4 * n, value, true));
export const codes = (header: DataView, qform: number, sform: number) => {
  header.setInt16(QFORM_CODE, qform, true);
  header.setInt16(SFORM_CODE, sform, true);
};
