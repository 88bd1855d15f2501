/**
 * Where the records of a home stand that belong to no single run, relative to the home.
 * @module
 */
import { encodeCaseId } from "../../datasets/case_id.ts";

export const CHECKPOINTS = "checkpoints/";

/** Letters, digits and `._-`: such a name is a file's everywhere. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const NAME_RULE =
  "a name has 1 to 100 letters, digits, dots, hyphens and underscores, and starts with a letter or digit";

/** @throws {RangeError} when a checkpoint cannot be called so. */
export function checkCheckpointName(name: string): void {
  if (NAME.test(name)) return;
  throw new RangeError(
    `Cannot call a checkpoint ${JSON.stringify(name)}: ${NAME_RULE}`,
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
  return name !== undefined && NAME.test(name) ? name : null;
}

export const SCHEDULES = "schedules/";

/** @throws {RangeError} when a schedule cannot be called so. */
export function scheduleKey(name: string): string {
  if (NAME.test(name)) return `${SCHEDULES}${name}.json`;
  throw new RangeError(
    `Cannot call a schedule ${JSON.stringify(name)}: ${NAME_RULE}`,
  );
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
