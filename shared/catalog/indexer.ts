/**
 * Keeps the index in step with the records of a home. What does not change is read once: a plan, a result, a
 * failure, a review. A run that is finished is not listed again, unless somebody asks for it.
 *
 * One run never waits for another: a run that somebody asks for is read while the first index of a large home is
 * made. What two would read of the same run at the same time is read by one after the other.
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";
import { breathe, type IndexContext, type Tally } from "./indexing/context.ts";
import { dropRun } from "./indexing/drop_run.ts";
import {
  findRunFolders,
  isRunName,
  newRunsAfter,
} from "./indexing/find_runs.ts";
import { indexHome } from "./indexing/index_home.ts";
import { indexOrDiagnose } from "./indexing/index_or_diagnose.ts";
import { createLines } from "./indexing/lines.ts";
import { createMender } from "./indexing/mend.ts";
import type { Catalog } from "./open_catalog.ts";

export interface Indexer {
  /**
   * Finds new runs, and reads what is new in those that are not finished. Calls wait for each other. What is
   * written before it is aborted stays, and the next call goes on from there. A run that cannot be indexed for what
   * its records say is passed over, and listed with the damaged records.
   *
   * @throws the signal's reason once it is aborted; what the store throws where it cannot be read.
   */
  refresh(signal: AbortSignal): Promise<Tally>;
  /**
   * Reads what is new in one run, known or just made, finished or not: after a review, a retry or a cancellation, and
   * for who opens its page. It waits for nothing but what is under way in the same run.
   */
  refreshRun(runId: string, signal: AbortSignal): Promise<Tally>;
  /** Reads what is new besides runs: checkpoints, datasets, evaluations, comparisons. */
  refreshHome(signal: AbortSignal): Promise<Tally>;
}

export interface IndexerOptions {
  readonly catalog: Catalog;
  readonly home: ObjectStore;
  /** The time of day. */
  readonly now: () => Date;
}

/** So often all folders of runs are looked for: one with a name that does not sort by time, or that was removed. */
const SWEEP_MS = 3_600_000;
/** A run in which nothing has happened for so long is most likely abandoned. */
const QUIET_AFTER_MS = 24 * 3_600_000;
/** So often one that is abandoned is looked at, as each look costs three requests. */
const LOOK_AT_QUIET_MS = 10 * 60_000;
/** A folder without a sound plan is looked at each time for so long, as one may just be written; then with all folders. */
const AWAIT_PLAN_MS = 3_600_000;

/** Names of lines that hold what no run's folder can be called. */
const EVERYTHING = "/";
const HOME = "/home";

export function createIndexer(
  { catalog, home, now }: IndexerOptions,
): Indexer {
  let sweptMs = -Infinity;
  const lines = createLines();
  const mender = createMender(catalog, () => sweptMs = -Infinity);

  async function refreshAll(context: IndexContext): Promise<void> {
    await readHome(context);
    const timeMs = now().getTime();
    const isSweep = timeMs - sweptMs >= SWEEP_MS;
    // Told before the store is asked: what is made while it answers is not taken for removed.
    const known = knownFolders(catalog);
    const planless = planlessFolders(catalog);
    const found = await findRunFolders(
      context,
      isSweep ? "" : newRunsAfter(catalog, now()),
    );
    if (isSweep) {
      await dropRemoved(
        new Set([...known, ...planless.keys()]),
        new Set(found),
      );
      sweptMs = timeMs;
    }
    const isAwaited = (folder: string) => {
      const sinceMs = planless.get(folder);
      return sinceMs === undefined || isSweep ||
        timeMs - sinceMs < AWAIT_PLAN_MS;
    };
    const fresh = found.filter((folder) =>
      !known.has(folder) && isAwaited(folder)
    );
    for (const folder of [...fresh, ...dueFolders(catalog, timeMs)]) {
      await readRun(context, folder);
      await breathe(context.signal);
    }
    catalog.transaction(() =>
      catalog.run(
        "INSERT OR REPLACE INTO facts VALUES ('indexedAt', ?)",
        now().toISOString(),
      )
    );
  }

  async function readHome(context: IndexContext): Promise<void> {
    await lines.inTurn(HOME, () => indexHome(context));
  }

  async function readRun(context: IndexContext, folder: string): Promise<void> {
    await lines.inTurn(folder, async () => {
      context.signal.throwIfAborted();
      await indexOrDiagnose(context, folder);
    });
  }

  async function dropRemoved(
    known: ReadonlySet<string>,
    found: ReadonlySet<string>,
  ): Promise<void> {
    for (const folder of known) {
      if (found.has(folder)) continue;
      await lines.inTurn(folder, () => {
        catalog.transaction(() => dropRun(catalog, folder));
        return Promise.resolve();
      });
    }
  }

  async function isThere(
    { signal }: IndexContext,
    folder: string,
  ): Promise<boolean> {
    return knownFolders(catalog).has(folder) || isRunName(folder) &&
        await home.peek(`runs/${folder}/run.json`, 0, signal) !== null;
  }

  async function tallied(
    signal: AbortSignal,
    work: (context: IndexContext) => Promise<void>,
  ): Promise<Tally> {
    return await mender.mending(signal, async (signal) => {
      const tally = { recordsRead: 0, runsListed: 0, runsFound: 0 };
      await work({ catalog, home, now, signal, tally });
      return tally;
    });
  }

  return {
    refresh: (signal) =>
      lines.inTurn(EVERYTHING, () => tallied(signal, refreshAll)),
    refreshRun: (runId, signal) =>
      tallied(signal, async (context) => {
        if (await isThere(context, runId)) await readRun(context, runId);
      }),
    refreshHome: (signal) => tallied(signal, readHome),
  };
}

function knownFolders(catalog: Catalog): Set<string> {
  return new Set(
    catalog.all("SELECT folder FROM runs").map(({ folder }) => String(folder)),
  );
}

/** Folders that hold no plan which could be understood, with the time in milliseconds when that was found. */
function planlessFolders(catalog: Catalog): Map<string, number> {
  return new Map(
    catalog.all(
      `SELECT folder, max(seenAt) AS seenAt FROM diagnostics
       WHERE folder IS NOT NULL AND folder NOT IN (SELECT folder FROM runs) GROUP BY folder`,
    ).map(({ folder, seenAt }) => [String(folder), Date.parse(String(seenAt))]),
  );
}

/** Runs that may have changed, and have not just been looked at where nothing happens. */
function dueFolders(catalog: Catalog, timeMs: number): string[] {
  const before = (ms: number) => new Date(timeMs - ms).toISOString();
  return catalog.all(
    `SELECT folder FROM runs
     WHERE (isFinished = 0 OR isStale = 1) AND (changedAt > ? OR lookedAt IS NULL OR lookedAt <= ? OR isStale = 1)
     ORDER BY folder`,
    before(QUIET_AFTER_MS),
    before(LOOK_AT_QUIET_MS),
  ).map(({ folder }) => String(folder));
}
