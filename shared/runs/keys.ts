/**
 * Where the records of a run stand, relative to the run's folder. The only place that knows.
 * @module
 */
import { encodeCaseId } from "../datasets/case_id.ts";

export const RUN_KEY = "run.json";
export const SUMMARY_KEY = "summary.json";
export const RESULTS = "results/";
export const FAILURES = "failures/";
export const RETRIES = "retries/";
export const EXTENSIONS = "extensions/";

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

/** A file that one attempt wrote. */
export function attemptKey(
  caseId: string,
  attempt: string,
  file: string,
): string {
  return `attempts/${encodeCaseId(caseId)}/${attempt}/${file}`;
}

/** The published copy of a committed mask. */
export function maskKey(caseId: string): string {
  return `masks/${encodeCaseId(caseId)}.nii.gz`;
}
