/**
 * Where a run stands, read from its records at most every second or so, however many people watch.
 * @module
 */
import { damagedCases } from "../../shared/catalog/queries/damaged.ts";
import { readRun } from "../../shared/runs/freeze.ts";
import { runFolder } from "../../shared/runs/home/keys.ts";
import type { SegmentRun } from "../../shared/runs/records.ts";
import { readRunStatus, type RunStatus } from "../../shared/runs/status.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { substore } from "../../shared/storage/substore.ts";
import type { DashboardDeps } from "../deps.ts";

/** Reading where a run stands lists its results and failures. */
const KEPT_MS = 1500;

/** Runs whose plans are kept: they may hold many cases. */
const MOST_RUNS = 8;

export type ReadStatus = (folder: string) => Promise<RunStatus | null>;

/** The run's own part of the home. Its folder comes from the index, never from an address. */
export function storeOfRun(home: ObjectStore, folder: string): ObjectStore {
  return substore(home, runFolder(folder));
}

/** @returns a function that reads where the run in a folder stands; null where no plan of a segmentation is there */
export function statusReader(
  { home, clock, catalog }: Pick<DashboardDeps, "home" | "clock" | "catalog">,
): ReadStatus {
  const kept = new Map<
    string,
    { readonly atMs: number; readonly status: Promise<RunStatus | null> }
  >();
  const plans = new Map<string, SegmentRun>();

  async function read(folder: string): Promise<RunStatus | null> {
    const store = storeOfRun(home, folder);
    const run = plans.get(folder) ?? await readRun(store, "segment");
    if (run === null) return null;
    plans.delete(folder);
    plans.set(folder, run);
    for (const oldest of plans.keys()) {
      if (plans.size <= MOST_RUNS) break;
      plans.delete(oldest);
    }
    // The index has read every result.
    const damagedResults = damagedCases(catalog, folder);
    return await readRunStatus(store, run, { damagedResults });
  }

  return (folder) => {
    const nowMs = clock.nowMs();
    const last = kept.get(folder);
    if (last !== undefined && nowMs - last.atMs < KEPT_MS) return last.status;
    for (const [old, { atMs }] of kept) {
      if (nowMs - atMs >= KEPT_MS) kept.delete(old);
    }
    const status = read(folder);
    kept.set(folder, { atMs: nowMs, status });
    return status;
  };
}

/** Whether nothing will change any more by itself: all cases are recorded, or it is cancelled, and nobody works. */
export function isOver({ coverage, cancel, workers }: RunStatus): boolean {
  return !workers.some(({ alive }) => alive) &&
    (coverage.missing === 0 || cancel !== null);
}
