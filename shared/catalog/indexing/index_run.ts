/** @module Brings what the index knows of one run up to date. */
import { MOVE_AWAY, TRY_AGAIN } from "../../runs/damage.ts";
import {
  caseOfResult,
  EXTENSIONS,
  FAILURES,
  parseFailureKey,
  RESULTS,
  RETRIES,
  WORKERS,
} from "../../runs/keys.ts";
import { cancelSchema } from "../../runs/records.ts";
import { REVIEWS } from "../../runs/reviews.ts";
import type { Catalog } from "../open_catalog.ts";
import type { IndexContext } from "./context.ts";
import { diagnose, diagnosedVersions, undiagnose } from "./diagnose.ts";
import { indexFailures, indexRetries } from "./index_failures.ts";
import { type IndexedRun, indexExtensions, indexPlan } from "./index_plan.ts";
import { forgetResult, indexResults } from "./index_results.ts";
import { indexReviews } from "./index_reviews.ts";
import { indexWorkers } from "./index_workers.ts";
import { listRun, type RunListing } from "./list_run.ts";
import { readAs } from "./read_new.ts";
import { ownKey } from "./run_records.ts";
import { summariseRun } from "./summarise_run.ts";

/** Lists a run's folder and reads what is new in it. A run whose plan cannot be understood is passed over. */
export async function indexRun(
  context: IndexContext,
  folder: string,
): Promise<void> {
  const run = await indexPlan(context, folder);
  if (run === null) return;
  context.tally.runsListed++;
  const listing = await listRun(context, folder);
  dropGone(context, run, listing);
  await indexExtensions(context, run, listing.extensions);
  await indexRetries(context, run, listing.retries);
  await indexFailures(context, run, listing.failures);
  await indexResults(context, run, listing.results);
  const news = [
    await indexReviews(context, run, listing.reviews) > 0,
    await indexWorkers(context, run, listing.workers) > 0,
    await indexCancel(context, run),
  ];
  const { catalog } = context;
  catalog.transaction(() =>
    updateRun(context, run, listing, news.includes(true))
  );
  const row = catalog.get("SELECT isStale FROM runs WHERE id = ?", run.id);
  if (row?.isStale === 1) await summariseRun(context, run);
}

/**
 * Counts how the cases ended, and whether all did. What was summarised is stale once a count differs: that is told
 * from the rows alone, so that nothing is lost where an earlier refresh was stopped half-way.
 */
function updateRun(
  { catalog, now }: IndexContext,
  run: IndexedRun,
  { hasSummary }: RunListing,
  isNews: boolean,
): void {
  catalog.run(
    `UPDATE cases SET state = now.state
     FROM (
       SELECT id, CASE WHEN EXISTS (
         SELECT 1 FROM failures f WHERE f.caseRow = cases.id AND f.round = cases.round
       ) THEN 'failed' ELSE 'open' END AS state
       FROM cases WHERE runId = ? AND state != 'done'
     ) AS now
     WHERE cases.id = now.id AND cases.state != now.state`,
    run.id,
  );
  markDamaged(catalog, run);
  const before = stateOf(catalog, run);
  catalog.run(
    `UPDATE runs SET (nExpected, nDone, nFailed, nDamaged, nLabelled, nReviewed) = (
       SELECT count(*), total(state = 'done'), total(state = 'failed'), total(state = 'damaged'), total(isLabelled),
         total(verdict IS NOT NULL)
       FROM cases WHERE runId = ?1)
     WHERE id = ?1`,
    run.id,
  );
  // A damaged record is an end, too: waiting for it to become sound would list the run for ever.
  catalog.run(
    `UPDATE runs SET isSummarised = ?2, isFinished = ?2 AND nDone + nFailed + nDamaged >= nExpected WHERE id = ?1`,
    run.id,
    Number(hasSummary),
  );
  const hasChanged = stateOf(catalog, run) !== before;
  const time = now().toISOString();
  catalog.run(
    `UPDATE runs SET lookedAt = ?2, changedAt = iif(?3, ?2, changedAt), isStale = max(isStale, ?4) WHERE id = ?1`,
    run.id,
    time,
    Number(isNews || hasChanged),
    Number(hasChanged),
  );
}

/** Cases whose newest record cannot be understood, or is another's: they are neither done nor failed nor open. */
function markDamaged(catalog: Catalog, run: IndexedRun): void {
  catalog.run(
    "UPDATE cases SET damage = NULL WHERE runId = ? AND damage IS NOT NULL",
    run.id,
  );
  const diagnosed = catalog.all(
    "SELECT key, reason FROM diagnostics WHERE folder = ?",
    run.folder,
  );
  for (const { key, reason } of diagnosed) {
    const name = ownKey(run, String(key));
    const caseId = caseOfResult(name);
    if (caseId !== null) forgetResult(catalog, run, caseId);
    const failure = parseFailureKey(name);
    // A sound result outweighs whatever stands beside it; failures of earlier rounds are history.
    catalog.run(
      `UPDATE cases SET state = 'damaged', damage = ?1
       WHERE runId = ?2 AND caseId = ?3 AND state != 'done' AND (?4 IS NULL OR round = ?4)`,
      `${reason}: ${failure === null ? MOVE_AWAY : TRY_AGAIN}`,
      run.id,
      caseId ?? failure?.caseId ?? null,
      failure?.round ?? null,
    );
  }
}

/** Forgets what was wrong with records that were removed. */
function dropGone(
  context: IndexContext,
  run: IndexedRun,
  { hasSummary: _, ...folders }: RunListing,
): void {
  const diagnosed = diagnosedVersions(context, run.folder);
  if (diagnosed.size === 0) return;
  const found = Object.values(folders).flat();
  const there = new Set(found.map(({ key }) => key));
  context.catalog.transaction(() => {
    for (const key of diagnosed.keys()) {
      const isListed = LISTED.some((folder) =>
        ownKey(run, key).startsWith(folder)
      );
      if (isListed && !there.has(key)) undiagnose(context, key);
    }
  });
}

const LISTED = [EXTENSIONS, FAILURES, RESULTS, RETRIES, REVIEWS, WORKERS];

/** Another one once anything has changed that summaries are made of. */
function stateOf(catalog: Catalog, { id }: IndexedRun): string {
  const row = catalog.get(
    "SELECT isFinished, nExpected, nDone, nFailed, nDamaged, nLabelled FROM runs WHERE id = ?",
    id,
  );
  return JSON.stringify(row);
}

/** @returns whether a run was cancelled, or a request for it withdrawn. */
async function indexCancel(
  context: IndexContext,
  run: IndexedRun,
): Promise<boolean> {
  const { catalog } = context;
  const key = `runs/${run.folder}/cancel.json`;
  const read = await readAs(context, key, cancelSchema);
  const before = catalog.get("SELECT cancel FROM runs WHERE id = ?", run.id)
    ?.cancel;
  const after = read !== null && "record" in read
    ? JSON.stringify(read.record)
    : null;
  const reason = read !== null && "reason" in read ? read.reason : null;
  catalog.transaction(() => {
    catalog.run("UPDATE runs SET cancel = ? WHERE id = ?", after, run.id);
    if (reason === null) undiagnose(context, key);
    else diagnose(context, { key, folder: run.folder, version: "", reason });
  });
  return before !== after;
}
