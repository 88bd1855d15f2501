/**
 * How far a run is, as its page shows it: from its records where they can be read, else from the index.
 * @module
 */
import { z } from "zod";
import { FAILURE_KINDS } from "../../shared/case_error.ts";
import { damagedCases } from "../../shared/catalog/queries/damaged.ts";
import type { RunDetail } from "../../shared/catalog/queries/run.ts";
import {
  coverageSchema,
  type Damage,
  damageSchema,
  workerRecordSchema,
} from "../../shared/runs/records.ts";
import type { DashboardDeps } from "../deps.ts";
import { damageOfFinished } from "./look_again.ts";
import type { ReadStatus } from "./run_status.ts";
import type { RunStatus } from "../../shared/runs/status.ts";

const workerProgressSchema = workerRecordSchema.extend({
  /** Heard of lately, and not ended; null: its record was not read just now. */
  alive: z.boolean().nullable(),
  /** Its next sign of life is overdue; null as above. */
  isOverdue: z.boolean().nullable(),
  silentSeconds: z.number().nullable(),
});
export type WorkerProgress = z.infer<typeof workerProgressSchema>;

export const progressSchema = z.strictObject({
  coverage: coverageSchema,
  /** `starting`: workers were asked for a short while ago; `waiting`: cases are open, and no worker is at them. */
  state: z.enum(["running", "starting", "waiting", "cancelled", "finished"]),
  cancelReason: z.string().nullable(),
  /** Null: not told by the records that were read. */
  casesPerHour: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  /** Of all workers together: the time they were held, and that a forward pass was in flight. */
  workerSeconds: z.number(),
  busySeconds: z.number(),
  cost: z.strictObject({ amount: z.number(), currency: z.string() }).nullable(),
  device: z.string().nullable(),
  workers: z.array(workerProgressSchema),
  /** Cases that do not stand as they were recorded: the first of them, and how many there are. */
  damaged: z.array(damageSchema),
  nDamaged: z.int().min(0),
  failuresByKind: z.partialRecord(z.enum(FAILURE_KINDS), z.int().min(1)),
});
export type Progress = z.infer<typeof progressSchema>;

const MOST_DAMAGED_SHOWN = 10;

/** @param folder of the run */
export function progressOfStatus(
  { starts }: Pick<DashboardDeps, "starts">,
  folder: string,
  status: RunStatus,
): Progress {
  const { coverage, cancel, workers, run } = status;
  const isWorkedOn = workers.some(({ alive }) => alive);
  const { casesPerHour, secondsLeft, workerSeconds, busySeconds } = status;
  return {
    coverage,
    casesPerHour,
    secondsLeft,
    workerSeconds,
    busySeconds,
    cost: status.cost,
    workers: [...workers],
    damaged: status.damaged.slice(0, MOST_DAMAGED_SHOWN),
    nDamaged: status.damaged.length,
    failuresByKind: status.failuresByKind,
    device: run.engine.device,
    cancelReason: cancel?.reason ?? null,
    state: isWorkedOn
      ? "running"
      : coverage.missing === 0
      ? "finished"
      : cancel !== null
      ? "cancelled"
      : starts.areComing({ ...run, runId: folder }, workers)
      ? "starting"
      : "waiting",
  };
}

export function progressOfDetail(
  run: RunDetail,
  damaged: readonly Damage[],
): Progress {
  const workerSeconds = sum(run.workers.map((one) => one.elapsedSeconds));
  const price = run.plan.kind === "segment" ? run.plan.price : undefined;
  return {
    coverage: {
      expected: run.nExpected,
      done: run.nDone,
      failed: run.nFailed,
      ...(run.nDamaged > 0 && { damaged: run.nDamaged }),
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
    damaged: damaged.slice(0, MOST_DAMAGED_SHOWN),
    nDamaged: damaged.length,
    workers: run.workers.map((worker) => ({
      ...worker,
      alive: null,
      isOverdue: null,
      silentSeconds: null,
    })),
    failuresByKind: run.failuresByKind,
  };
}

/** Of the records; where the store does not answer or holds no plan of a segmentation, of the index. */
export async function liveProgress(
  deps: Pick<DashboardDeps, "catalog" | "home" | "log" | "starts">,
  readStatus: ReadStatus,
  run: RunDetail,
): Promise<Progress> {
  if (run.state === "finished") {
    return progressOfDetail(run, await damageOfFinished(deps, run.runId));
  }
  try {
    const status = run.kind === "segment" ? await readStatus(run.runId) : null;
    if (status !== null) return progressOfStatus(deps, run.runId, status);
  } catch (error) {
    deps.log(`Where run ${run.runId} stands cannot be read: ${String(error)}`);
  }
  return progressOfDetail(run, damagedCases(deps.catalog, run.runId));
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
