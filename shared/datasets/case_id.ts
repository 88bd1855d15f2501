/**
 * Case ids: what people call a scan, and how that stands in a key.
 * @module
 */

const UNRESERVED = /[A-Za-z0-9 ._-]/;
const MAX_ENCODED_BYTES = 200;

/**
 * A case id as one segment of a key: UTF-8 bytes other than letters, digits, space and `._-` are
 * percent-encoded, so that spaces and Unicode are kept and no id can leave its folder.
 *
 * @throws {RangeError} when the id is empty, `.`, `..`, not well-formed Unicode, or over 200 bytes encoded.
 */
export function encodeCaseId(caseId: string): string {
  if (caseId === "" || caseId === "." || caseId === "..") {
    throw new RangeError(
      `Cannot use ${JSON.stringify(caseId)} as a case id: it must name a file`,
    );
  }
  if (!caseId.isWellFormed()) {
    throw new RangeError(
      `Cannot use ${JSON.stringify(caseId)} as a case id: it is no valid text`,
    );
  }
  let encoded = "";
  for (const byte of new TextEncoder().encode(caseId)) {
    const char = String.fromCharCode(byte);
    encoded += UNRESERVED.test(char)
      ? char
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  if (encoded.length > MAX_ENCODED_BYTES) {
    throw new RangeError(
      `Cannot use ${
        JSON.stringify(`${caseId.slice(0, 40)}...`)
      } as a case id: it takes ${encoded.length} bytes, at most ${MAX_ENCODED_BYTES} are allowed`,
    );
  }
  return encoded;
}

/**
 * The case id that {@linkcode encodeCaseId} encoded.
 *
 * @throws {RangeError} when the text is not an encoded case id.
 */
export function decodeCaseId(encoded: string): string {
  let caseId: string;
  try {
    caseId = decodeURIComponent(encoded);
  } catch (cause) {
    throw new RangeError(`Cannot decode ${JSON.stringify(encoded)}`, { cause });
  }
  if (encodeCaseId(caseId) !== encoded) {
    throw new RangeError(
      `Cannot decode ${JSON.stringify(encoded)}: it is not an encoded case id`,
    );
  }
  return caseId;
}

const NIFTI_ENDING = /\.nii(\.gz)?$/i;

/** Whether a key names a NIfTI file. Hidden files and macOS' `._` twins do not count. */
export function isNiftiKey(key: string): boolean {
  const name = key.slice(key.lastIndexOf("/") + 1);
  return NIFTI_ENDING.test(name) && !name.startsWith(".");
}

/** The file name without folder and NIfTI ending: a scan's default case id. */
export function stemOf(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1).replace(NIFTI_ENDING, "");
}
