/**
 * Where the records of a run stand, relative to the run's folder. The only place that knows.
 * @module
 */
import { decodeCaseId, encodeCaseId, stemOf } from "../datasets/case_id.ts";

export const RUN_KEY = "run.json";
export const SUMMARY_KEY = "summary.json";
export const RESULTS = "results/";
export const FAILURES = "failures/";
export const RETRIES = "retries/";
export const EXTENSIONS = "extensions/";
export const CLAIMS = "claims/";
export const WORKERS = "workers/";
export const ATTEMPTS = "attempts/";
export const MASKS = "masks/";
export const CANCEL_KEY = "cancel.json";

export function extensionKey(n: number): string {
  return `${EXTENSIONS}${n}.json`;
}

export function retryKey(round: number): string {
  return `${RETRIES}${round}.json`;
}

export function resultKey(caseId: string): string {
  return `${RESULTS}${encodeCaseId(caseId)}.json`;
}

export function failureKey(caseId: string, round: number): string {
  return `${FAILURES}${encodeCaseId(caseId)}/${round}.json`;
}

/** The case whose result stands under a key; null for a file that is no result. */
export function caseOfResult(key: string): string | null {
  return decoded(/^results\/([^/]+)\.json$/.exec(key)?.[1]);
}

/** The case and round whose failure stands under a key; null for a file that is no failure. */
export function parseFailureKey(
  key: string,
): { caseId: string; round: number } | null {
  const [, folder, round] = /^failures\/([^/]+)\/(\d+)\.json$/.exec(key) ?? [];
  const caseId = decoded(folder);
  return caseId === null ? null : { caseId, round: Number(round) };
}

export function claimKey(caseId: string, generation: number): string {
  return `${claimsOf(caseId)}${generation}.json`;
}

/** Where the claims of a case stand. */
export function claimsOf(caseId: string): string {
  return `${CLAIMS}${encodeCaseId(caseId)}/`;
}

/** The case and generation whose claim stands under a key; null for a file that is no claim. */
export function parseClaimKey(
  key: string,
): { caseId: string; generation: number } | null {
  const [, folder, generation] =
    /^claims\/([^/]+)\/([1-9]\d{0,14})\.json$/.exec(key) ?? [];
  const caseId = decoded(folder);
  return caseId === null ? null : { caseId, generation: Number(generation) };
}

export function workerKey(workerId: string): string {
  return `${WORKERS}${workerId}.json`;
}

/** The case and attempt that a file under `attempts/` belongs to; null for any other file. */
export function parseAttemptKey(
  key: string,
): { caseId: string; attempt: string } | null {
  const [, folder, attempt] = /^attempts\/([^/]+)\/([^/]+)\/[^/]+$/.exec(key) ??
    [];
  const caseId = decoded(folder);
  return caseId === null || attempt === undefined ? null : { caseId, attempt };
}

/** Beside ours there may be files that file managers and syncing tools leave: they are passed over. */
function decoded(name: string | undefined): string | null {
  if (name === undefined) return null;
  try {
    return decodeCaseId(name);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** A file that one attempt wrote. */
export function attemptKey(
  caseId: string,
  attempt: string,
  file: string,
): string {
  return `${ATTEMPTS}${encodeCaseId(caseId)}/${attempt}/${file}`;
}

/** The published copy of a committed mask. */
export function maskKey(caseId: string): string {
  return `${MASKS}${encodeCaseId(caseId)}.nii.gz`;
}

/** The case whose mask stands under a key of `masks/`, which may be somebody else's folder of that name. */
export function caseOfMask(key: string): string {
  const stem = stemOf(key);
  return decoded(stem) ?? stem;
}
