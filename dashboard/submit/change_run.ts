/** @module Retrying and cancelling runs, for the pages and the API alike. */
import { run as findRun } from "../../shared/catalog/queries/run.ts";
import { requestCancel, withdrawCancel } from "../../shared/runs/cancel.ts";
import { retryFailed } from "../../shared/runs/retry.ts";
import { readRunState } from "../../shared/runs/run_state.ts";
import { runStore } from "../../shared/runs/run_store.ts";
import type { DashboardDeps } from "../deps.ts";
import { storeOfRun } from "../progress/run_status.ts";
import { Refused } from "../security/refused.ts";

/**
 * Opens the next round for what failed, and takes a cancellation back.
 *
 * @returns how many cases are open again
 * @throws {Refused} where the index knows no such run, or it is an evaluation of masks, which has no workers.
 */
export async function retryRun(
  deps: DashboardDeps,
  runId: string,
): Promise<number> {
  const { id, store } = knownSegmentation(deps, runId);
  const state = await readRunState(store);
  const failed = [...state.failed];
  await retryFailed(store, state, failed);
  await withdrawCancel(store);
  await deps.indexer.refreshRun(id, deps.signal);
  return failed.length;
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
  await deps.indexer.refreshRun(id, deps.signal);
  if (findRun(deps.catalog, id)?.state === "finished") return "finished";
  await requestCancel(
    store,
    plan.runId,
    reason === "" ? "asked for on the dashboard" : reason,
  );
  await deps.indexer.refreshRun(id, deps.signal);
  return "cancelled";
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
