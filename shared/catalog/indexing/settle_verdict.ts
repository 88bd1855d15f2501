/** @module What reviewers say of the mask that a case has now. */
import type { Catalog } from "../open_catalog.ts";

/**
 * Whether a review `v` is of the mask that its case `c` has now; one of an earlier mask is history. Who did not say
 * whose mask they looked at saw the one that stood there.
 */
export const IS_OF_THIS_MASK = `(c.attempt IS NOT NULL
  AND iif(v.attempt IS NULL, v.reviewedAt >= c.endedAt, v.attempt = c.attempt))`;

/**
 * Counts a case's reviews: the newest is its verdict; where the newest of two reviewers differ it is disputed. To be
 * called once a review is new or the mask is another one, within a transaction.
 */
export function settleVerdict(catalog: Catalog, caseRow: number): void {
  catalog.run(
    `WITH own AS (
       SELECT v.* FROM cases c JOIN reviews v ON v.caseRow = c.id WHERE c.id = ?1 AND ${IS_OF_THIS_MASK}
     )
     UPDATE cases SET
       verdict = (SELECT verdict FROM own ORDER BY reviewedAt DESC, key DESC LIMIT 1),
       nReviews = (SELECT count(*) FROM own),
       isDisputed = (SELECT count(DISTINCT verdict) > 1 FROM own WHERE NOT EXISTS (
         SELECT 1 FROM own later WHERE later.reviewer = own.reviewer
           AND (later.reviewedAt, later.key) > (own.reviewedAt, own.key)))
     WHERE id = ?1`,
    caseRow,
  );
}
