/**
 * What every worker of a batch run does: take cases, do them, beat, and sum up when all are recorded.
 * @module
 */
import type { Case } from "../../shared/datasets/dataset.ts";
import { beatSeconds } from "../../shared/runs/beat.ts";
import { SUMMARY_KEY, workerKey } from "../../shared/runs/keys.ts";
import { writeRecord } from "../../shared/runs/record_io.ts";
import type {
  Damage,
  SegmentRun,
  WorkerRecord,
} from "../../shared/runs/records.ts";
import { republishMasks } from "../../shared/runs/republish.ts";
import { readRunState, type RunState } from "../../shared/runs/run_state.ts";
import {
  readRunSummary,
  tells,
  writeRunSummary,
} from "../../shared/runs/summarise.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { VERSION } from "../../shared/version.ts";
import { explain } from "../cli/explain.ts";
import { combine, type Progress } from "../cli/progress.ts";
import type { Compute } from "../segmentation/compute.ts";
import type { ForwardTimes } from "../segmentation/predict_mask.ts";
import { workCases } from "../segmentation/work_cases.ts";
import { heartbeat } from "./heartbeat.ts";
import { runSource } from "./run_source.ts";
import { workerReport } from "./worker_report.ts";

/** Everything a batch worker depends on. */
export interface BatchWorker {
  readonly run: SegmentRun;
  /** The run's folder. */
  readonly store: ObjectStore;
  /** Every case of the run. */
  readonly all: readonly Case[];
  /** This worker's cases, in the order it does them. */
  readonly order: readonly Case[];
  /** How long a claim holds without being renewed; null: the cases are this worker's alone. */
  readonly termSeconds: number | null;
  readonly workerId: string;
  readonly index: number;
  readonly compute: Compute;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  open(location: string): ObjectStore;
  say(line: string): void;
}

/** How a worker's work ended; being stopped by its signal is thrown. */
export type WorkEnd =
  /** Every case of the worker is recorded. */
  | {
    readonly type: "recorded";
    /** Cases of the run that do not stand as they were committed, as far as this worker summed up; no other try would mend them. */
    readonly damaged: readonly string[];
  }
  /** Somebody asked all workers to stop. */
  | { readonly type: "cancelled"; readonly reason: string }
  /** These cases could not be recorded: another try may. */
  | { readonly type: "left"; readonly caseIds: readonly string[] };

class RunCancelled extends Error {
  override readonly name = "RunCancelled";
}

/**
 * Works until every case of the worker is recorded.
 *
 * @throws the signal's reason once it is aborted; what stores throw.
 */
export async function workRun(worker: BatchWorker): Promise<WorkEnd> {
  const { run, store, compute, workerId, termSeconds, signal, say } = worker;
  const beatMs = 1000 * beatSeconds(termSeconds);
  const report = workerReport({
    runId: run.runId,
    workerId,
    index: worker.index,
    codeVersion: VERSION,
    engine: compute.engine,
  });
  const progress = combine(report.progress, worker.progress);
  const source = runSource({
    run,
    store,
    order: worker.order,
    claims: termSeconds === null ? null : { workerId, termSeconds },
    pollMs: beatMs,
    progress,
    say,
  });
  const cancelled = new AbortController();
  const stopBeating = new AbortController();
  const beating = heartbeat({
    store,
    beatMs,
    termSeconds: termSeconds ?? Infinity,
    held: source.held,
    record: () => report.record("working"),
    onCancel: ({ reason }) => cancelled.abort(new RunCancelled(reason)),
    say,
  }, stopBeating.signal);
  const stop = AbortSignal.any([signal, cancelled.signal]);
  const end = async (state: WorkerRecord["state"]) => {
    stopBeating.abort();
    await beating;
    await source.release();
    try {
      await writeRecord(store, workerKey(workerId), report.record(state));
    } catch (error) {
      // How the work ended is told by its records, and by what is thrown: not by this.
      say(`Cannot tell how this worker ended: ${explain(error)}`);
    }
  };

  progress({ type: "start", cases: worker.order.length, runId: run.runId });
  try {
    await workCases(
      {
        run,
        store,
        compute: reported(compute, report.addForward),
        progress,
        open: worker.open,
      },
      source,
      { signal: stop, say },
    );
  } catch (error) {
    await end("stopped");
    if (!(error instanceof RunCancelled)) throw error;
    return { type: "cancelled", reason: error.message };
  } finally {
    progress({ type: "end" });
  }
  await end("ended");
  const stopReason = source.stopReason();
  if (stopReason !== null) return { type: "cancelled", reason: stopReason };
  if (source.left.size > 0) {
    return { type: "left", caseIds: [...source.left] };
  }
  const damaged = await summariseOnce(worker);
  return { type: "recorded", damaged: damaged.map(({ caseId }) => caseId) };
}

/** Tells when forward passes were in flight, as windows proceed: a case may be cut off before its end. */
function reported(
  compute: Compute,
  addForward: (times: ForwardTimes) => void,
): Compute {
  return {
    ...compute,
    async segment(signal, caseId, prepared, onWindow) {
      let toldSeconds = 0;
      // Windows are told beside the call: one may be heard of after its end, which says as much.
      const tell = (forward: ForwardTimes) => {
        if (forward.seconds <= toldSeconds) return;
        addForward({ ...forward, seconds: forward.seconds - toldSeconds });
        toldSeconds = forward.seconds;
      };
      const segmented = await compute.segment(
        signal,
        caseId,
        prepared,
        (done, total, forward) => {
          tell(forward);
          onWindow(done, total, forward);
        },
      );
      tell(segmented.forward);
      return segmented;
    },
  };
}

/**
 * Writes the summary where every case of the run has its record and no earlier worker has told so.
 *
 * @returns what of the recorded cases is damaged
 */
async function summariseOnce(
  { store, run, all, say }: BatchWorker,
): Promise<readonly Damage[]> {
  const state = await readRunState(store);
  const { done, failed } = state;
  if (!all.every(({ caseId }) => done.has(caseId) || failed.has(caseId))) {
    return [];
  }
  const masks = await republishMasks(store, done.keys(), say);
  const before = await readRunSummary(store);
  const isTold = before !== null && tells(before, state) &&
    before.damaged === undefined && masks.damaged.length === 0 &&
    !await isOutdated(store, done);
  if (isTold) return [];
  const { summary: { damaged = [] } } = await writeRunSummary(
    store,
    run.runId,
    all.map(({ caseId }) => caseId),
    masks.damaged,
  );
  for (const damage of damaged) {
    if (!masks.damaged.includes(damage)) say(damage.problem);
  }
  return damaged;
}

/**
 * Results never change: one that was written after the summary is not what that tells of. Stores tell
 * times in steps (S3 of a second, a kernel of a few milliseconds): of the same instant is no earlier.
 */
async function isOutdated(
  store: ObjectStore,
  done: RunState["done"],
): Promise<boolean> {
  const head = await store.head(SUMMARY_KEY);
  return head === null || done.values().some((at) => at >= head.modifiedAt);
}
