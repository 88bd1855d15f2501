/** @module Retrying and cancelling runs, for the pages and the API alike. */
import { run as findRun } from "../../shared/catalog/queries/run.ts";
import { requestCancel, withdrawCancel } from "../../shared/runs/cancel.ts";
import { CANCEL_KEY } from "../../shared/runs/keys.ts";
import { retryFailed } from "../../shared/runs/retry.ts";
import { readRunState } from "../../shared/runs/run_state.ts";
import { runStore } from "../../shared/runs/run_store.ts";
import { readWorkers } from "../../shared/runs/status.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import type { DashboardDeps } from "../deps.ts";
import { refreshSoon } from "../progress/refresh_soon.ts";
import { storeOfRun } from "../progress/run_status.ts";
import { Refused } from "../security/refused.ts";

/** What a retry has come to. */
export interface Retried {
  /** Cases that are open again. */
  readonly nReopened: number;
  /**
   * `running`: workers that are at it take them up. `started`: there were none, and some were started. `none`: there
   * are none, and from here none can be started. `failed`: they should have been started.
   */
  readonly workers: "running" | "started" | "none" | "failed";
  /** Why there are none; null: there are, or nobody wanted any. */
  readonly reason: string | null;
}

/**
 * Opens the next round for what failed, takes a cancellation back, and starts workers where none is at work.
 *
 * @throws {Refused} where the index knows no such run, or it is an evaluation of masks, which has no workers.
 */
export async function retryRun(
  deps: DashboardDeps,
  runId: string,
): Promise<Retried> {
  const { id, store } = knownSegmentation(deps, runId);
  const state = await readRunState(store);
  const failed = [...state.failed];
  await retryFailed(store, state, failed);
  await withdrawCancel(store);
  const nReopened = failed.length;
  const { workers, reason } = await workersFor(deps, id, store);
  await refreshSoon(deps, id);
  return { nReopened, workers, reason };
}

async function workersFor(
  { operations, starts, log }: DashboardDeps,
  runId: string,
  store: ObjectStore,
): Promise<Pick<Retried, "workers" | "reason">> {
  const { workers } = await readWorkers(store);
  if (workers.some(({ alive }) => alive)) {
    return { workers: "running", reason: null };
  }
  if (operations === undefined) return { workers: "none", reason: null };
  const made = await operations.restart(runId);
  if ("refused" in made) return { workers: "none", reason: made.refused };
  const { started, problem } = made.done;
  if (problem !== null) {
    log(`Workers of ${runId} did not start: ${problem}`);
    return { workers: "failed", reason: problem };
  }
  if (started === null) return { workers: "none", reason: null };
  starts.asked(runId);
  return { workers: "started", reason: null };
}

/**
 * Asks all workers of a run to stop.
 *
 * @param reason empty: that it was asked for here
 * @returns `finished`: there was nothing to cancel any more
 * @throws {Refused} as {@linkcode retryRun}
 */
export async function cancelRun(
  deps: DashboardDeps,
  runId: string,
  reason: string,
): Promise<"cancelled" | "finished"> {
  const { id, plan, store } = knownSegmentation(deps, runId);
  const wasAsked = await store.head(CANCEL_KEY) !== null;
  // Before all else: each second of a run costs.
  await requestCancel(
    store,
    plan.runId,
    reason === "" ? "asked for on the dashboard" : reason,
  );
  const isKnown = await refreshSoon(deps, id);
  const isFinished = findRun(deps.catalog, id)?.state === "finished";
  if (!isKnown || !isFinished) return "cancelled";
  if (!wasAsked) {
    await withdrawCancel(store);
    await refreshSoon(deps, id);
  }
  return "finished";
}

/** A run, and its folder as it can be written to. */
function knownSegmentation({ catalog, home }: DashboardDeps, runId: string) {
  const run = findRun(catalog, runId);
  if (run === null || run.plan.kind !== "segment") {
    throw new Refused("unknown");
  }
  const { runId: id, plan } = run;
  return { id, plan, store: runStore(storeOfRun(home, id), run.plan) };
}
