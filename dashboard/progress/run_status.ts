/**
 * Where a run stands, read from its records every few seconds, however many people watch.
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

/** Reading where a run stands lists its results and failures; workers tell of themselves as often. */
const KEPT_MS = 5000;
/** So long it is kept that it cannot be told. */
const FAILURE_KEPT_MS = 1500;

/** Runs whose plans are kept: they may hold many cases. */
const MOST_RUNS = 8;

export type ReadStatus = (folder: string) => Promise<RunStatus | null>;

/** The run's own part of the home. Its folder comes from the index, never from an address. */
export function storeOfRun(home: ObjectStore, folder: string): ObjectStore {
  return substore(home, runFolder(folder));
}

interface Kept {
  keptMs: number;
  readonly atMs: number;
  readonly readAt: Date;
  readonly status: Promise<RunStatus | null>;
  /** Null: not told yet, or there is none. */
  told: RunStatus | null;
}

/** @returns a function that reads where the run in a folder stands; null where no plan of a segmentation is there */
export function statusReader(
  { home, clock, now, catalog }: Pick<
    DashboardDeps,
    "home" | "clock" | "now" | "catalog"
  >,
): ReadStatus {
  const kept = new Map<string, Kept>();
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

  /** Whether the index has learned since of a cancellation or a retry: whoever asked for it is not told otherwise. */
  function isOutdone(folder: string, { told, readAt }: Kept): boolean {
    if (told === null) return false;
    const row = catalog.get(
      "SELECT cancel, nFailed, lookedAt FROM runs WHERE folder = ?",
      folder,
    );
    if (row === undefined) return false;
    const isLater = Date.parse(String(row.lookedAt)) >= readAt.getTime();
    const isCancelled = row.cancel !== null;
    return isLater && (isCancelled !== (told.cancel !== null) ||
      Number(row.nFailed) < told.coverage.failed);
  }

  return (folder) => {
    const nowMs = clock.nowMs();
    for (const [old, { atMs, keptMs }] of kept) {
      if (nowMs - atMs >= keptMs) kept.delete(old);
    }
    const last = kept.get(folder);
    if (last !== undefined && !isOutdone(folder, last)) return last.status;
    const status = read(folder);
    const next: Kept = {
      keptMs: KEPT_MS,
      atMs: nowMs,
      readAt: now(),
      status,
      told: null,
    };
    kept.set(folder, next);
    status.then(
      (told) => next.told = told,
      () => next.keptMs = FAILURE_KEPT_MS,
    );
    return status;
  };
}

/** Whether nothing will change any more by itself: all cases are recorded, or it is cancelled, and nobody works. */
export function isOver({ coverage, cancel, workers }: RunStatus): boolean {
  return !workers.some(({ alive }) => alive) &&
    (coverage.missing === 0 || cancel !== null);
}
