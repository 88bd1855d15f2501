/**
 * Writes what the server read of a header into it, in the one way in which every program understands it: NiiVue
 * chooses between a file's two placements in space by a rule of its own, and takes a slope that is no number as one.
 * @module
 */
import type { ViewerFile } from "../../views/viewer_case.ts";

/** Where the fields stand in NIfTI-1 and NIfTI-2, and how wide their numbers are. */
const FIELDS = {
  348: { slope: 112, qform: 252, sform: 254, srow: 280, code: 2, float: 4 },
  540: { slope: 176, qform: 344, sform: 348, srow: 400, code: 4, float: 8 },
} as const;

/** As in the scanner's space. */
const SFORM_CODE = 1;

/** @param bytes of a whole file, which are changed */
export function placeHeader(
  bytes: ArrayBuffer,
  { affine, slope, intercept }: Omit<ViewerFile, "url" | "bytes">,
): void {
  const view = new DataView(bytes);
  const isLittle = view.getInt32(0, true) in FIELDS;
  const size = view.getInt32(0, isLittle);
  if (size !== 348 && size !== 540) return;
  const fields = FIELDS[size];
  const setCode = (at: number, value: number) =>
    fields.code === 2
      ? view.setInt16(at, value, isLittle)
      : view.setInt32(at, value, isLittle);
  const setFloat = (at: number, value: number) =>
    fields.float === 4
      ? view.setFloat32(at, value, isLittle)
      : view.setFloat64(at, value, isLittle);
  setCode(fields.qform, 0);
  setCode(fields.sform, SFORM_CODE);
  for (let n = 0; n < 12; n++) {
    setFloat(fields.srow + n * fields.float, affine[n]!);
  }
  setFloat(fields.slope, slope);
  setFloat(fields.slope + fields.float, intercept);
}
