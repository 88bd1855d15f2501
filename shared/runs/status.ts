/**
 * How far a run is, told from listings, from records that nobody has summed up yet and from the last summary: fast
 * also where there are many cases.
 * @module
 */
import type { FailureKind } from "../case_error.ts";
import type { Case } from "../datasets/dataset.ts";
import { mapParallel } from "../datasets/map_parallel.ts";
import type { ObjectStore } from "../storage/object_store.ts";
import { overdueSeconds } from "./beat.ts";
import { type CancelRequest, readCancel } from "./cancel.ts";
import { damageOf, MOVE_AWAY, TRY_AGAIN } from "./damage.ts";
import { failureKey, resultKey, SUMMARY_KEY, WORKERS } from "./keys.ts";
import { readOwnRecords } from "./own_records.ts";
import { readRecord } from "./record_io.ts";
import {
  type Coverage,
  type Damage,
  type Failure,
  failureSchema,
  resultSchema,
  type SegmentRun,
  type WorkerRecord,
  workerRecordSchema,
} from "./records.ts";
import { readAllCases, readRunState, type RunState } from "./run_state.ts";
import { readRunSummary } from "./summarise.ts";

/** A worker that has not been heard of for so long is taken for dead. */
const SILENT_AFTER_MS = 60_000;

/** The rate is that of so long a time before the newest result. */
const RATE_WINDOW_MS = 30 * 60_000;

/** Records of workers read at a time: there may be a thousand. */
const PARALLEL_READS = 16;

/** More failures than these are counted, but not read. */
const MOST_FAILURES_READ = 1000;

/** More results than these are not looked into. */
const MOST_RESULTS_READ = 1000;

export interface WorkerStatus extends WorkerRecord {
  /** Heard of lately, and not ended. */
  readonly alive: boolean;
  /** Not ended, and its next sign of life is overdue: most likely it is alive no more, though it counts so for a while. */
  readonly isOverdue: boolean;
  readonly silentSeconds: number;
}

export interface RunStatus {
  readonly run: SegmentRun;
  readonly coverage: Coverage;
  readonly cancel: CancelRequest | null;
  /** Newest first in the list is who was heard of last. */
  readonly workers: readonly WorkerStatus[];
  /** Files among the workers' records that cannot be understood: they are passed over. */
  readonly damagedWorkers: number;
  /** The failures of the round each case is in, up to 1,000. */
  readonly failures: readonly Failure[];
  /** Cases whose record cannot be understood, and those of which a file was gone when the run was last summed up. */
  readonly damaged: readonly Damage[];
  /** Results that nobody has looked into since the run was last summed up: more than are read here. */
  readonly unread: number;
  /** Of {@linkcode RunStatus.failures}. */
  readonly failuresByKind: Partial<Record<FailureKind, number>>;
  /** Cases per hour lately; null before there are two results. */
  readonly casesPerHour: number | null;
  /** Until all cases are recorded, at that rate and by the sizes of the cases; null while nobody works. */
  readonly secondsLeft: number | null;
  /** Of all workers together: the time they were held, and that a forward pass was in flight. */
  readonly workerSeconds: number;
  readonly busySeconds: number;
  readonly cost: { readonly amount: number; readonly currency: string } | null;
}

export interface StatusOptions {
  /** @default the run's */
  readonly price?: SegmentRun["price"];
  /** What is known of results that cannot be understood; where it is left out, results are read. */
  readonly damagedResults?: readonly Damage[];
}

/** Reads where a run stands. */
export async function readRunStatus(
  store: ObjectStore,
  run: SegmentRun,
  { price = run.price, damagedResults }: StatusOptions = {},
): Promise<RunStatus> {
  const [
    state,
    { workers, damaged: damagedWorkers },
    cancel,
    cases,
    summed,
  ] = await Promise.all([
    readRunState(store),
    readWorkers(store, termSecondsOf(run)),
    readCancel(store),
    readAllCases(store, run),
    readLastSummary(store),
  ]);
  const recorded = cases.filter(({ caseId }) => state.done.has(caseId));
  const results = damagedResults === undefined
    ? await lookIntoResults(store, run, recorded, state, summed)
    : {
      damaged: damagedResults.filter(({ caseId }) => state.done.has(caseId)),
      unread: 0,
    };
  const failedIds = cases.map(({ caseId }) => caseId)
    .filter((caseId) => state.failed.has(caseId));
  const { records: failures, damaged: badFailures } = await readOwnRecords(
    store,
    {
      runId: run.runId,
      caseIds: failedIds.slice(0, MOST_FAILURES_READ),
      keyOf: (caseId) => failureKey(caseId, state.rounds.get(caseId) ?? 0),
      schema: failureSchema,
    },
  );
  const unreadable = [...results.damaged, ...damageOf(badFailures, TRY_AGAIN)];
  const isUnreadable = new Set(unreadable.map(({ caseId }) => caseId));
  const done = recorded.filter(({ caseId }) => !isUnreadable.has(caseId));
  const open = cases.filter(({ caseId }) =>
    !state.done.has(caseId) && !state.failed.has(caseId)
  );
  const rate = recentRate(done, state.done);
  const isWorkedOn = workers.some(({ alive }) => alive);
  const workerSeconds = sum(workers.map((worker) => worker.elapsedSeconds));
  return {
    run,
    coverage: {
      expected: cases.length,
      done: done.length,
      failed: failedIds.length - badFailures.size,
      ...(unreadable.length > 0 && { damaged: unreadable.length }),
      missing: open.length,
    },
    cancel,
    workers,
    damagedWorkers,
    failures,
    damaged: [
      ...unreadable,
      // Files are looked for by whoever sums up. What was moved away or done since is told of no more.
      ...(summed?.damaged ?? []).filter(({ caseId, isRecord }) =>
        isRecord === undefined && !isUnreadable.has(caseId) &&
        isToldOf(state.done.get(caseId), summed)
      ),
    ],
    unread: results.unread,
    failuresByKind: countKinds(failures),
    casesPerHour: rate && rate.casesPerHour,
    secondsLeft: open.length === 0
      ? 0
      : rate === null || !isWorkedOn
      ? null
      : sum(open.map(sizeOf)) / rate.sizePerSecond,
    workerSeconds,
    busySeconds: sum(workers.map((worker) => worker.busySeconds)),
    cost: price === undefined ? null : {
      amount: workerSeconds / 3600 * price.perHour,
      currency: price.currency,
    },
  };
}

interface LastSummary {
  readonly damaged: readonly Damage[];
  readonly writtenAt: Date;
}

async function readLastSummary(
  store: ObjectStore,
): Promise<LastSummary | null> {
  // Asked first: what is written in between is looked into once too often, not once too rarely.
  const head = await store.head(SUMMARY_KEY);
  if (head === null) return null;
  const summary = await readRunSummary(store);
  if (summary === null) return null;
  return { damaged: summary.damaged ?? [], writtenAt: head.modifiedAt };
}

/** Whether a result was there, as it is now, when the run was last summed up. */
function isToldOf(at: Date | undefined, summed: LastSummary | null): boolean {
  return at !== undefined && summed !== null && at < summed.writtenAt;
}

/** Reads the results that the last summary does not tell of, and those that it calls damaged: the newest first. */
async function lookIntoResults(
  store: ObjectStore,
  { runId }: SegmentRun,
  recorded: readonly Case[],
  { done }: RunState,
  summed: LastSummary | null,
): Promise<{ damaged: readonly Damage[]; unread: number }> {
  const doubted = new Set(summed?.damaged.map(({ caseId }) => caseId));
  const toRead = recorded
    .map(({ caseId }) => caseId)
    .filter((caseId) =>
      doubted.has(caseId) || !isToldOf(done.get(caseId), summed)
    )
    .sort((a, b) => done.get(b)!.getTime() - done.get(a)!.getTime());
  const { damaged } = await readOwnRecords(store, {
    runId,
    caseIds: toRead.slice(0, MOST_RESULTS_READ),
    keyOf: resultKey,
    schema: resultSchema,
  });
  return {
    damaged: damageOf(damaged, MOVE_AWAY),
    unread: Math.max(0, toRead.length - MOST_RESULTS_READ),
  };
}

function termSecondsOf({ coordination }: SegmentRun): number | null {
  return coordination?.kind === "claims" ? coordination.termSeconds : null;
}

/**
 * What workers tell of themselves; those heard of last come first.
 *
 * @param termSeconds of the run's claims; null: it has none
 */
export async function readWorkers(
  store: ObjectStore,
  termSeconds: number | null = null,
): Promise<{ workers: WorkerStatus[]; damaged: number }> {
  const workers: WorkerStatus[] = [];
  let damaged = 0;
  const now = (await store.now()).getTime();
  const infos = await Array.fromAsync(store.list(WORKERS));
  const records = infos.filter(({ key }) => key.endsWith(".json"));
  await mapParallel(records, PARALLEL_READS, async ({ key, modifiedAt }) => {
    let record: WorkerRecord | null;
    try {
      record = await readRecord(store, key, workerRecordSchema);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      damaged++;
      return;
    }
    if (record === null) return;
    const silentMs = Math.max(0, now - modifiedAt.getTime());
    const isOver = record.state === "ended" || record.state === "stopped";
    workers.push({
      ...record,
      alive: !isOver && silentMs < SILENT_AFTER_MS,
      isOverdue: !isOver && silentMs > 1000 * overdueSeconds(termSeconds),
      silentSeconds: silentMs / 1000,
    });
  });
  workers.sort((a, b) =>
    a.silentSeconds - b.silentSeconds || (a.workerId < b.workerId ? -1 : 1)
  );
  return { workers, damaged };
}

/** Larger cases take longer: time left is told by windows where they are known. */
function sizeOf({ windows }: Case): number {
  return windows ?? 1;
}

function recentRate(
  done: readonly Case[],
  doneAt: ReadonlyMap<string, Date>,
): { casesPerHour: number; sizePerSecond: number } | null {
  const ends = done
    .map((item) => ({
      at: doneAt.get(item.caseId)!.getTime(),
      size: sizeOf(item),
    }))
    .sort((a, b) => a.at - b.at);
  const newest = ends.at(-1)?.at ?? 0;
  const recent = ends.filter(({ at }) => newest - at <= RATE_WINDOW_MS);
  const [earliest, ...later] = recent;
  // What was done for the first of them began before the time that is looked at.
  if (earliest === undefined || newest - earliest.at < 1000) return null;
  const seconds = (newest - earliest.at) / 1000;
  return {
    casesPerHour: later.length / seconds * 3600,
    sizePerSecond: sum(later.map(({ size }) => size)) / seconds,
  };
}

function countKinds(
  failures: readonly Failure[],
): Partial<Record<FailureKind, number>> {
  const counts: Partial<Record<FailureKind, number>> = {};
  for (const { kind } of failures) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
