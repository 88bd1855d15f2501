/**
 * How far a run is, as its page shows it: from its records where they can be read, else from the index.
 * @module
 */
import type { FailureKind } from "../../shared/case_error.ts";
import type { RunDetail } from "../../shared/catalog/queries/run.ts";
import type { Coverage, WorkerRecord } from "../../shared/runs/records.ts";
import type { RunStatus } from "../../shared/runs/status.ts";

export interface WorkerProgress extends WorkerRecord {
  /** Null: not known, as its record was not read just now. */
  readonly alive: boolean | null;
  readonly silentSeconds: number | null;
}

export interface Progress {
  readonly coverage: Coverage;
  readonly state: "running" | "waiting" | "cancelled" | "finished";
  readonly cancelReason: string | null;
  /** Null: not told by the records that were read. */
  readonly casesPerHour: number | null;
  readonly secondsLeft: number | null;
  readonly workerSeconds: number;
  readonly busySeconds: number;
  readonly cost: { readonly amount: number; readonly currency: string } | null;
  readonly device: string | null;
  readonly workers: readonly WorkerProgress[];
  readonly failuresByKind: Partial<Record<FailureKind, number>>;
}

export function progressOfStatus(status: RunStatus): Progress {
  const { coverage, cancel, workers, run } = status;
  const isWorkedOn = workers.some(({ alive }) => alive);
  return {
    ...status,
    device: run.engine.device,
    cancelReason: cancel?.reason ?? null,
    state: isWorkedOn
      ? "running"
      : coverage.missing === 0
      ? "finished"
      : cancel !== null
      ? "cancelled"
      : "waiting",
  };
}

export function progressOfDetail(run: RunDetail): Progress {
  const workerSeconds = sum(run.workers.map((one) => one.elapsedSeconds));
  const price = run.plan.kind === "segment" ? run.plan.price : undefined;
  return {
    coverage: {
      expected: run.nExpected,
      done: run.nDone,
      failed: run.nFailed,
      missing: run.nMissing,
    },
    state: run.nMissing === 0
      ? "finished"
      : run.cancel !== null
      ? "cancelled"
      : "waiting",
    cancelReason: run.cancel?.reason ?? null,
    casesPerHour: null,
    secondsLeft: null,
    workerSeconds,
    busySeconds: sum(run.workers.map((one) => one.busySeconds)),
    cost: price === undefined ? null : {
      amount: workerSeconds / 3600 * price.perHour,
      currency: price.currency,
    },
    device: run.device,
    workers: run.workers.map((worker) => ({
      ...worker,
      alive: null,
      silentSeconds: null,
    })),
    failuresByKind: run.failuresByKind,
  };
}

/** How far the workers are in the cases that they are in: `window 3 of 12`. */
export function currentWindows(progress: Progress): Map<string, string> {
  return new Map(
    progress.workers.flatMap(({ alive, current }) =>
      current === null || alive !== true ? [] : [[
        current.caseId,
        `Window ${current.windows} of ${current.totalWindows}`,
      ]]
    ),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
