/**
 * Keeps the index in step with the records of a home. What does not change is read once: a plan, a result, a
 * failure, a review. A run that is finished is not listed again, unless somebody asks for it.
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";
import { breathe, type IndexContext, type Tally } from "./indexing/context.ts";
import { dropRun } from "./indexing/drop_run.ts";
import { findRunFolders, newRunsAfter } from "./indexing/find_runs.ts";
import { indexHome } from "./indexing/index_home.ts";
import { indexRun } from "./indexing/index_run.ts";
import { type Catalog, isTornError } from "./open_catalog.ts";

export interface Indexer {
  /**
   * Finds new runs, and reads what is new in those that are not finished. Calls wait for each other. What is
   * written before it is aborted stays, and the next call goes on from there.
   *
   * @throws the signal's reason once it is aborted; what the store throws where it cannot be read.
   */
  refresh(signal: AbortSignal): Promise<Tally>;
  /** Reads what is new in one run, finished or not: after a review, a retry or a cancellation, and for who opens its page. */
  refreshRun(runId: string, signal: AbortSignal): Promise<Tally>;
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

export function createIndexer(
  { catalog, home, now }: IndexerOptions,
): Indexer {
  let sweptMs = -Infinity;
  let before: Promise<unknown> = Promise.resolve();

  async function refreshAll(context: IndexContext): Promise<void> {
    await indexHome(context);
    const timeMs = now().getTime();
    const isSweep = timeMs - sweptMs >= SWEEP_MS;
    const found = await Array.fromAsync(
      findRunFolders(context, isSweep ? "" : newRunsAfter(newestRun(catalog))),
    );
    const known = knownFolders(catalog);
    if (isSweep) {
      dropRemoved(catalog, known, new Set(found));
      sweptMs = timeMs;
    }
    const fresh = found.filter((folder) => !known.has(folder));
    for (const folder of [...fresh, ...dueFolders(catalog, timeMs)]) {
      await indexRun(context, folder);
      await breathe(context.signal);
    }
    catalog.transaction(() =>
      catalog.run(
        "INSERT OR REPLACE INTO facts VALUES ('indexedAt', ?)",
        now().toISOString(),
      )
    );
  }

  async function refreshOne(
    context: IndexContext,
    runId: string,
  ): Promise<void> {
    if (knownFolders(catalog).has(runId)) await indexRun(context, runId);
  }

  /** One after the other: what two read at the same time would be read twice. */
  function inTurn(
    signal: AbortSignal,
    work: (context: IndexContext) => Promise<void>,
  ): Promise<Tally> {
    const turn = before.then(async () => {
      signal.throwIfAborted();
      if (catalog.isTorn) rebuild();
      try {
        return await tallied(signal, work);
      } catch (error) {
        if (!isTornError(error)) throw error;
        rebuild();
        return await tallied(signal, work);
      }
    });
    // Its failure is told to whoever asked for it, not to the next in turn.
    before = turn.catch(() => null);
    return turn;
  }

  async function tallied(
    signal: AbortSignal,
    work: (context: IndexContext) => Promise<void>,
  ): Promise<Tally> {
    const tally = { recordsRead: 0, runsListed: 0, runsFound: 0 };
    await work({ catalog, home, now, signal, tally });
    return tally;
  }

  function rebuild(): void {
    catalog.rebuild();
    sweptMs = -Infinity;
  }

  return {
    refresh: (signal) => inTurn(signal, refreshAll),
    refreshRun: (runId, signal) =>
      inTurn(signal, (context) => refreshOne(context, runId)),
  };
}

function knownFolders(catalog: Catalog): Set<string> {
  return new Set(
    catalog.all("SELECT folder FROM runs").map(({ folder }) => String(folder)),
  );
}

/** The newest run by its name, among those whose names tell the time. */
function newestRun(catalog: Catalog): string | null {
  const row = catalog.get(
    "SELECT max(folder) AS folder FROM runs WHERE folder GLOB '[0-9]*T[0-9]*Z-*'",
  );
  return typeof row?.folder === "string" ? row.folder : null;
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

function dropRemoved(
  catalog: Catalog,
  known: ReadonlySet<string>,
  found: ReadonlySet<string>,
): void {
  const diagnosed = catalog.all(
    "SELECT DISTINCT folder FROM diagnostics WHERE folder IS NOT NULL",
  ).map(({ folder }) => String(folder));
  for (const folder of new Set([...known, ...diagnosed])) {
    if (!found.has(folder)) {
      catalog.transaction(() => dropRun(catalog, folder));
    }
  }
}
