/** @module Takes reviews in. */
import { caseOfReview, type Review, reviewSchema } from "../../runs/reviews.ts";
import type { Catalog } from "../open_catalog.ts";
import type { IndexContext } from "./context.ts";
import type { IndexedRun } from "./index_plan.ts";
import { type Found, readNew } from "./read_new.ts";
import { caseRow, ownKey, wrongOwner } from "./run_records.ts";
import { settleVerdict } from "./settle_verdict.ts";

/** @returns how many were new. */
export async function indexReviews(
  context: IndexContext,
  run: IndexedRun,
  found: readonly Found[],
): Promise<number> {
  const { catalog } = context;
  const known = new Set(
    catalog.all("SELECT key FROM reviews WHERE runId = ?", run.id)
      .map(({ key }) => String(key)),
  );
  const fresh = found.filter(({ key }) =>
    !known.has(key) && caseOfReview(ownKey(run, key)) !== null
  );
  return await readNew(context, {
    folder: run.folder,
    found: fresh,
    schema: reviewSchema,
    write: (review, { key }) =>
      wrongOwner(run, review, caseOfReview(ownKey(run, key))) ??
        insertReview(catalog, run, key, review),
  });
}

function insertReview(
  catalog: Catalog,
  run: IndexedRun,
  key: string,
  { caseId, attempt, reviewer, reviewedAt, verdict, reason, comment }: Review,
): string | null {
  const row = caseRow(catalog, run, caseId);
  if (row === null) return "Its case is none of the run's";
  catalog.run(
    `INSERT OR REPLACE INTO reviews (key, runId, caseRow, reviewer, reviewedAt, attempt, verdict, reason, comment)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    key,
    run.id,
    row.id,
    reviewer,
    reviewedAt,
    attempt ?? null,
    verdict,
    reason,
    comment,
  );
  settleVerdict(catalog, row.id);
  return null;
}
