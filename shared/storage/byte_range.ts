import type { GetOptions } from "./object_store.ts";

/** Which bytes of an object of `bytes` bytes a `get` returns; `end` is exclusive, never before `start`. */
export function clampRange(
  range: GetOptions["range"],
  bytes: number,
): { readonly start: number; readonly end: number } {
  if (range === undefined) return { start: 0, end: bytes };
  const start = Math.min(range.start, bytes);
  return { start, end: Math.max(start, Math.min(range.end, bytes)) };
}

/** @throws {RangeError} when the range is not one of whole, non-negative numbers in order. */
export function checkRange(range: GetOptions["range"]): void {
  if (range === undefined) return;
  const { start, end } = range;
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(end);
  if (!whole || start < 0 || end < start) {
    throw new RangeError(
      `Cannot read bytes ${start} to ${end}: a range needs 0 <= start <= end, whole numbers`,
    );
  }
}
