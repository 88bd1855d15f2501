/**
 * Which worker of how many this process is, from the environment that its scheduler gives it.
 *
 * Sources: kubernetes.io, Indexed Job (`JOB_COMPLETION_INDEX`; the count is in no variable, so our
 * manifests set `UPTAKE_WORKER_COUNT`); AWS Batch, job environment variables; Cloud Run, container
 * contract of jobs.
 * @module
 */
import type { ReadVariable } from "../storage/s3_settings.ts";

export interface WorkerIndex {
  /** From 0. */
  readonly index: number;
  /** At least 1, and above the index. */
  readonly count: number;
  /** Who said so; `none` where nobody did, which means 0 of 1. */
  readonly source: "uptake" | "kubernetes" | "aws-batch" | "cloud-run" | "none";
}

interface Source {
  readonly source: WorkerIndex["source"];
  readonly indexName: string;
  readonly countName: string;
}

const COUNT_NAME = "UPTAKE_WORKER_COUNT";

const SOURCES: readonly Source[] = [
  {
    source: "uptake",
    indexName: "UPTAKE_WORKER_INDEX",
    countName: COUNT_NAME,
  },
  {
    source: "kubernetes",
    indexName: "JOB_COMPLETION_INDEX",
    countName: COUNT_NAME,
  },
  {
    source: "aws-batch",
    indexName: "AWS_BATCH_JOB_ARRAY_INDEX",
    countName: "AWS_BATCH_JOB_ARRAY_SIZE",
  },
  {
    source: "cloud-run",
    indexName: "CLOUD_RUN_TASK_INDEX",
    countName: "CLOUD_RUN_TASK_COUNT",
  },
];

/** No leading zero, no sign, no space: schedulers write none, so one would be somebody's mistake. */
const WHOLE_NUMBER = /^(0|[1-9][0-9]{0,8})$/;

/**
 * Reads the worker's index and count. Uptake's own variables come first, then Kubernetes', AWS
 * Batch's, Cloud Run's; the first source whose index is set decides and the later ones are not looked
 * at, whatever they say: who sets Uptake's variables inside a Pod means them. Only half a pair is
 * refused, as the other half would be a guess. An empty variable counts as none.
 *
 * AWS Batch gives a plain job (an array of one is not allowed) no variables: it is 0 of 1.
 *
 * @throws {RangeError} when the deciding source is nonsense; the message names the variable.
 */
export function resolveWorkerIndex(read: ReadVariable): WorkerIndex {
  const value = (name: string) => read(name) || undefined;
  const found = SOURCES.find(({ indexName }) => value(indexName) !== undefined);
  if (found === undefined) {
    refuseLoneCount(value);
    return { index: 0, count: 1, source: "none" };
  }
  const { source, indexName, countName } = found;
  const index = wholeNumber(indexName, value(indexName)!);
  const countText = value(countName);
  if (countText === undefined) {
    throw new RangeError(
      `Cannot use ${indexName}=${index}: ${countName}, the number of workers, is not set`,
    );
  }
  const count = wholeNumber(countName, countText);
  if (count === 0) {
    throw new RangeError(`Cannot use ${countName}=0: at least 1 is needed`);
  }
  if (index >= count) {
    throw new RangeError(
      `Cannot use ${indexName}=${index}: the index of ${count} workers (${countName}) is at most ${
        count - 1
      }`,
    );
  }
  return { index, count, source };
}

function refuseLoneCount(value: ReadVariable): void {
  for (const { countName } of SOURCES) {
    const count = value(countName);
    if (count === undefined) continue;
    const names = SOURCES.filter((source) => source.countName === countName)
      .map(({ indexName }) => indexName);
    throw new RangeError(
      `Cannot use ${countName}=${JSON.stringify(count)}: the worker's index (${
        names.join(" or ")
      }) is not set`,
    );
  }
}

function wholeNumber(name: string, text: string): number {
  if (!WHOLE_NUMBER.test(text)) {
    throw new RangeError(
      `Cannot use ${name}=${
        JSON.stringify(text.slice(0, 40))
      }: it must be a whole number from 0 to 999999999`,
    );
  }
  return Number(text);
}
