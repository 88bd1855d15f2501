/**
 * A finished run is not listed again by itself. Whoever opens its page has it looked at once more, so that what was
 * damaged, mended or moved away since is seen.
 * @module
 */
import { damagedCases } from "../../shared/catalog/queries/damaged.ts";
import type { Damage } from "../../shared/runs/records.ts";
import { readRunSummary } from "../../shared/runs/summarise.ts";
import type { DashboardDeps } from "../deps.ts";
import { refreshSoon } from "./refresh_soon.ts";
import { storeOfRun } from "./run_status.ts";

/** So often a run is looked at, however many people open it. */
const EVERY_MS = 60_000;
export type LookAgain = (runId: string) => Promise<void>;

/** @returns a function that brings the index up to date with one run; it never throws */
export function lookerAgain(
  deps: Pick<
    DashboardDeps,
    "indexer" | "clock" | "patience" | "signal" | "log"
  >,
): LookAgain {
  const looked = new Map<string, number>();
  return async (runId) => {
    const nowMs = deps.clock.nowMs();
    for (const [old, atMs] of looked) {
      if (nowMs - atMs >= EVERY_MS) looked.delete(old);
    }
    if (looked.has(runId)) return;
    looked.set(runId, nowMs);
    await refreshSoon(deps, runId);
  };
}

/** What of a run does not stand as it was recorded: by the index, and by what was told when it was summed up last. */
export async function damageOfFinished(
  { catalog, home, log }: Pick<DashboardDeps, "catalog" | "home" | "log">,
  runId: string,
): Promise<Damage[]> {
  const unreadable = damagedCases(catalog, runId);
  const known = new Set(unreadable.map(({ caseId }) => caseId));
  try {
    const summary = await readRunSummary(storeOfRun(home, runId));
    const files = (summary?.damaged ?? []).filter(({ caseId, isRecord }) =>
      isRecord === undefined && !known.has(caseId)
    );
    return [...unreadable, ...files];
  } catch (error) {
    log(`The summary of run ${runId} cannot be read: ${String(error)}`);
    return unreadable;
  }
}
