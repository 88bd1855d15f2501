/**
 * Where a case stands when cases are sampled: those with the lowest keys are taken. It is a hash of its id, so that a
 * sample favours no case, holds the same cases of each checkpoint, and stays as it is over time.
 * @module
 */
import { createHash } from "node:crypto";

/** Keys are whole numbers below this. */
export const SAMPLE_KEYS = 2 ** 32;

export function sampleKey(caseId: string): number {
  return createHash("sha256").update(caseId).digest().readUInt32BE();
}
