/**
 * nnU-Net's way to name the channels of a case: `<case>_0000`, `<case>_0001`.
 * @module
 */
import { stemOf } from "./case_id.ts";

const CHANNEL_SUFFIX = /_(\d{4})$/;

/** The case that a file name without its ending belongs to, and its channel, 0 where it names none. */
export function splitChannel(
  stem: string,
): { readonly caseId: string; readonly channel: number } {
  const digits = CHANNEL_SUFFIX.exec(stem)?.[1];
  return digits === undefined
    ? { caseId: stem, channel: 0 }
    : { caseId: stem.slice(0, -digits.length - 1), channel: Number(digits) };
}

/** Numbered patients are no channels: those are 0000, 0001, ... of each case, without a gap. */
export function hasChannelSuffixes(keys: readonly string[]): boolean {
  const next = new Map<string, number>();
  for (const key of [...keys].sort()) {
    const stem = stemOf(key);
    if (!CHANNEL_SUFFIX.test(stem)) return false;
    const { caseId, channel } = splitChannel(stem);
    const folder = key.slice(0, key.lastIndexOf("/") + 1);
    const expected = next.get(folder + caseId) ?? 0;
    if (channel !== expected) return false;
    next.set(folder + caseId, expected + 1);
  }
  return true;
}
