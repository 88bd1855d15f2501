/**
 * What was changed or asked for stands in the index as soon as may be, but nobody waits long for that: what is stored
 * is stored, and the index reads it with its next refresh.
 * @module
 */
import { abortable } from "../../shared/abortable.ts";
import type { DashboardDeps } from "../deps.ts";

/**
 * Brings the index up to date with one run; it never throws.
 *
 * @returns whether the index knows what is new; what went wrong is logged
 */
export async function refreshSoon(
  deps: Pick<DashboardDeps, "indexer" | "patience" | "signal" | "log">,
  runId: string,
): Promise<boolean> {
  const { indexer, signal } = deps;
  const what = `what is new in ${runId}`;
  return await inTime(deps, what, indexer.refreshRun(runId, signal));
}

/**
 * As {@linkcode refreshSoon}, of any refresh.
 *
 * @param what of the index is out of date until then
 */
export async function inTime(
  { patience: startPatience, signal, log }: Pick<
    DashboardDeps,
    "patience" | "signal" | "log"
  >,
  what: string,
  refresh: Promise<unknown>,
): Promise<boolean> {
  const patience = startPatience();
  try {
    await abortable(refresh, AbortSignal.any([signal, patience]));
    return true;
  } catch (error) {
    const why = patience.aborted ? "it is busy" : String(error);
    if (!signal.aborted) log(`The index does not know ${what} yet: ${why}`);
    return false;
  }
}
