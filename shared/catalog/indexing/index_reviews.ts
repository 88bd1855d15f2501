/** @module Takes reviews in. The newest of a case is its verdict; where reviewers differ it is disputed. */
import { caseOfReview, type Review, reviewSchema } from "../../runs/reviews.ts";
import type { Catalog } from "../open_catalog.ts";
import type { IndexContext } from "./context.ts";
import type { IndexedRun } from "./index_plan.ts";
import { type Found, readNew } from "./read_new.ts";
import { caseRow, ownKey, wrongOwner } from "./run_records.ts";

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
  { caseId, reviewer, reviewedAt, verdict, reason, comment }: Review,
): string | null {
  const row = caseRow(catalog, run, caseId);
  if (row === null) return "Its case is none of the run's";
  catalog.run(
    "INSERT OR REPLACE INTO reviews VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    key,
    run.id,
    row.id,
    reviewer,
    reviewedAt,
    verdict,
    reason,
    comment,
  );
  catalog.run(
    `UPDATE cases SET
       verdict = (SELECT verdict FROM reviews WHERE caseRow = ?1 ORDER BY reviewedAt DESC, key DESC LIMIT 1),
       nReviews = (SELECT count(*) FROM reviews WHERE caseRow = ?1),
       isDisputed = (SELECT count(DISTINCT verdict) > 1 FROM reviews r WHERE caseRow = ?1 AND NOT EXISTS (
         SELECT 1 FROM reviews later WHERE later.caseRow = ?1 AND later.reviewer = r.reviewer
           AND (later.reviewedAt, later.key) > (r.reviewedAt, r.key)))
     WHERE id = ?1`,
    row.id,
  );
  catalog.run("UPDATE measures SET isReviewed = 1 WHERE caseRow = ?", row.id);
  return null;
}
