/**
 * Where the records of a home stand that belong to no single run, relative to the home.
 * @module
 */
import { encodeCaseId } from "../../datasets/case_id.ts";

export const CHECKPOINTS = "checkpoints/";

/** Letters, digits and `._-`: such a name is a file's everywhere. */
const CHECKPOINT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** @throws {RangeError} when a checkpoint cannot be called so. */
export function checkCheckpointName(name: string): void {
  if (CHECKPOINT_NAME.test(name)) return;
  throw new RangeError(
    `Cannot call a checkpoint ${
      JSON.stringify(name)
    }: a name has 1 to 100 letters, digits, dots, hyphens and underscores, and starts with a letter or digit`,
  );
}

export function checkpointFileKey(name: string): string {
  return `${CHECKPOINTS}${name}.safetensors`;
}

export function checkpointRecordKey(name: string): string {
  return `${CHECKPOINTS}${name}.json`;
}

/** The checkpoint whose record stands under a key; null for any other file. */
export function checkpointOfRecord(key: string): string | null {
  const name = /^checkpoints\/([^/]+)\.json$/.exec(key)?.[1];
  return name !== undefined && CHECKPOINT_NAME.test(name) ? name : null;
}

/** @throws {RangeError} when the dataset's name cannot stand in a key. */
export function datasetIndexKey(name: string): string {
  return `datasets/${encodeCaseId(name)}.json`;
}

export function runFolder(runId: string): string {
  return `runs/${runId}`;
}

export function evaluationKey(hash: string): string {
  return `evaluations/${hash}.json`;
}

export function comparisonKey(hash: string): string {
  return `comparisons/${hash}.json`;
}
