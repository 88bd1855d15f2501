/**
 * One worker's try at one case, in three parts: begin (read and prepare), segment, commit (measure,
 * write, commit, publish). It knows nothing of claims or of other workers, so that `segment` and
 * batch workers do the same.
 * @module
 */
import { CaseError } from "../../shared/case_error.ts";
import type { Case } from "../../shared/datasets/dataset.ts";
import type { PreparedCase } from "../../shared/imaging/preprocess.ts";
import {
  commitFailure,
  commitResult,
  isWhole,
  publishMask,
  writeAttempt,
} from "../../shared/runs/commit.ts";
import { resultKey } from "../../shared/runs/keys.ts";
import { readRecord } from "../../shared/runs/record_io.ts";
import {
  type Failure,
  type Input,
  type Output,
  type Result,
  resultSchema,
  type SegmentRun,
} from "../../shared/runs/records.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { VERSION } from "../../shared/version.ts";
import type { Progress } from "../cli/progress.ts";
import type { Compute } from "./compute.ts";
import type { Segmented } from "./network_work.ts";
import { fetchCase } from "./read_case.ts";
import { inStage, type SecondsPerStage } from "./stages.ts";

export interface Worker {
  readonly run: SegmentRun;
  /** The run's folder. */
  readonly store: ObjectStore;
  readonly compute: Compute;
  readonly progress: Progress;
  /** Opens the stores that cases lie in. */
  open(location: string): ObjectStore;
}

/** A case, and the round of retries that it is in. */
export interface Task {
  readonly item: Case;
  readonly round: number;
}

export type CaseEnd =
  | { readonly status: "done"; readonly result: Result }
  | { readonly status: "failed"; readonly failure: Failure };

/** An attempt that has its input. */
export interface BegunCase {
  readonly task: Task;
  readonly attempt: string;
  readonly startedAt: Date;
  readonly inputs: readonly Input[];
  readonly prepared: PreparedCase;
  readonly seconds: SecondsPerStage;
}

/** An attempt that has its mask. */
export interface SegmentedCase extends BegunCase {
  readonly segmented: Segmented;
}

/** @throws {CaseError} in stage `read` or `preprocess`; what would not repeat. */
export async function beginCase(
  { compute, open, progress }: Worker,
  task: Task,
  signal: AbortSignal,
): Promise<BegunCase> {
  const { item } = task;
  const { caseId } = item;
  const startedAt = new Date();
  progress({ type: "caseStart", caseId });
  const seconds: SecondsPerStage = {};
  const files = await inStage(
    "read",
    caseId,
    seconds,
    () => fetchCase(item, open, signal),
  );
  const made = await compute.cases.prepare(item, files);
  add(seconds, made.seconds);
  tell(progress, caseId, seconds);
  return {
    task,
    attempt: crypto.randomUUID(),
    startedAt,
    inputs: files.inputs,
    prepared: made.prepared,
    seconds,
  };
}

/** @throws {CaseError} in stage `segment`; the signal's reason at the next window once it is aborted. */
export async function segmentCase(
  { compute, progress }: Worker,
  begun: BegunCase,
  signal: AbortSignal,
): Promise<SegmentedCase> {
  const { caseId } = begun.task.item;
  const segmented = await compute.segment(
    signal,
    caseId,
    begun.prepared,
    (done, total) => progress({ type: "window", caseId, done, total }),
  );
  tell(progress, caseId, segmented.seconds);
  add(begun.seconds, segmented.seconds);
  return { ...begun, segmented };
}

/**
 * @returns the result that stands, be it this attempt's or another's.
 * @throws {CaseError} in stage `postprocess`, `measure` or `write`; what would not repeat.
 */
export async function commitCase(
  { run, store, compute, progress }: Worker,
  { task, attempt, startedAt, inputs, segmented, seconds }: SegmentedCase,
): Promise<Result> {
  const { item } = task;
  const { caseId } = item;
  const { windows } = segmented;
  const made = await compute.cases.finish(item, segmented);
  const outputs = await inStage(
    "write",
    caseId,
    made.seconds,
    () => writeAttempt(store, caseId, attempt, made.files),
  );
  tell(progress, caseId, made.seconds);
  const winner = await winnerInstead(store, caseId, outputs);
  const result = winner ?? await commitResult(store, {
    format: 1,
    runId: run.runId,
    caseId,
    attempt,
    codeVersion: VERSION,
    startedAt: startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    inputs: [...inputs],
    outputs,
    metrics: made.metrics,
    windows,
    checkpoints: run.checkpoints,
    options: run.options,
    engine: compute.engine,
    secondsPerStage: add({ ...seconds }, made.seconds),
  });
  await publishMask(store, result);
  return result;
}

/**
 * A result must not name files that are gone: a worker that stood still between its writes may have been
 * taken for dead.
 *
 * @returns the result that was committed meanwhile, where this attempt can no longer be.
 */
async function winnerInstead(
  store: ObjectStore,
  caseId: string,
  outputs: readonly Output[],
): Promise<Result | null> {
  if (await isWhole(store, outputs)) return null;
  const winner = await readRecord(store, resultKey(caseId), resultSchema);
  if (winner !== null) return winner;
  throw new CaseError(
    "storage",
    "its files were removed before they were committed",
  ).at(caseId, "write");
}

/** Records that a case cannot be done. */
export async function recordFailure(
  { run, store, progress }: Pick<Worker, "run" | "store" | "progress">,
  { item: { caseId }, round }: Task,
  error: CaseError,
): Promise<Failure> {
  const stage = error.stage ?? "read";
  progress({ type: "stage", caseId, stage, seconds: 0, outcome: "failed" });
  return await commitFailure(store, {
    format: 1,
    runId: run.runId,
    caseId,
    round,
    attempt: crypto.randomUUID(),
    codeVersion: VERSION,
    failedAt: new Date().toISOString(),
    kind: error.kind,
    stage,
    message: error.at(caseId, stage).message,
  });
}

function tell(
  progress: Progress,
  caseId: string,
  secondsPerStage: SecondsPerStage,
): void {
  for (const [stage, seconds] of entries(secondsPerStage)) {
    progress({ type: "stage", caseId, stage, seconds, outcome: "done" });
  }
}

function add(to: SecondsPerStage, from: SecondsPerStage): SecondsPerStage {
  for (const [stage, seconds] of entries(from)) {
    to[stage] = (to[stage] ?? 0) + seconds;
  }
  return to;
}

function entries(seconds: SecondsPerStage) {
  return Object.entries(seconds) as [keyof SecondsPerStage, number][];
}
