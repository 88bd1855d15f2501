/** @module The part of a file that a `Range` header asks for (RFC 9110, section 14). */

export interface ByteRange {
  /** Inclusive. */
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * The one range that is asked for; null for the whole file: no header, one that is no byte range, or several ranges
 * at once, which a server need not answer.
 *
 * @param bytes of the whole file
 * @returns `"outside"` where no byte of the file is in it
 */
export function requestedRange(
  header: string | undefined,
  bytes: number,
): ByteRange | "outside" | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "");
  if (match === null) return null;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return null;
  if (first === "") {
    const length = Math.min(Number(last), bytes);
    return length === 0 ? "outside" : { start: bytes - length, end: bytes };
  }
  const start = Number(first);
  const end = last === "" ? bytes : Math.min(bytes, Number(last) + 1);
  if (last !== "" && Number(last) < start) return null;
  return start >= bytes ? "outside" : { start, end };
}
