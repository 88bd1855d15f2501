/** @module What reviewers said of the cases of a run, one row per review. */
import { z } from "zod";
import { reviewReasonSchema, reviewVerdictSchema } from "../../runs/reviews.ts";
import { IS_OF_THIS_MASK } from "../indexing/settle_verdict.ts";
import type { Catalog, Row } from "../open_catalog.ts";
import { sql } from "./condition.ts";
import { type Page, pageOf, type PageOptions } from "./page.ts";
import { selectPage } from "./select_page.ts";

export const reviewRowSchema = z.strictObject({
  /** The name of the run's folder. */
  runId: z.string(),
  caseId: z.string(),
  reviewer: z.string(),
  reviewedAt: z.string(),
  /** Whose mask was looked at; null where the reviewer's program did not say. */
  attempt: z.string().nullable(),
  /** Not of one that was replaced since. */
  isOfThisMask: z.boolean(),
  verdict: reviewVerdictSchema,
  reason: reviewReasonSchema.nullable(),
  comment: z.string(),
});
export type ReviewRow = z.infer<typeof reviewRowSchema>;

export const reviewPageSchema = pageOf(reviewRowSchema);

const COLUMNS =
  `r.folder AS runId, c.caseId, v.reviewer, v.reviewedAt, v.attempt, ${IS_OF_THIS_MASK} AS isOfThisMask, v.verdict,
   v.reason, v.comment`;

const OF_RUN =
  "reviews v JOIN runs r ON r.id = v.runId JOIN cases c ON c.id = v.caseRow WHERE r.folder = ?";

/** What no two reviews of a run share. */
const ORDER = "c.caseId, v.reviewedAt, v.reviewer";

function rowOf({ isOfThisMask, ...row }: Row): ReviewRow {
  return reviewRowSchema.parse({ ...row, isOfThisMask: isOfThisMask === 1 });
}

/** In the order of cases, then of time. */
export function reviews(
  catalog: Catalog,
  runId: string,
  page?: PageOptions,
): Page<ReviewRow> {
  return selectPage(catalog, {
    columns: COLUMNS,
    from: sql(OF_RUN, runId),
    order: ORDER,
    page,
    rowOf,
  });
}

/**
 * The next ones in the same order: whoever goes on from the last one meets each that stays once, whatever comes
 * meanwhile.
 *
 * @param last null: from the first one on
 */
export function reviewsAfter(
  catalog: Catalog,
  runId: string,
  last: Pick<ReviewRow, "caseId" | "reviewedAt" | "reviewer"> | null,
  limit: number,
): ReviewRow[] {
  const { caseId, reviewedAt, reviewer } = last ??
    { caseId: "", reviewedAt: "", reviewer: "" };
  return catalog.all(
    `SELECT ${COLUMNS} FROM ${OF_RUN} AND (${ORDER}) > (?, ?, ?) ORDER BY ${ORDER} LIMIT ?`,
    runId,
    caseId,
    reviewedAt,
    reviewer,
    limit,
  ).map(rowOf);
}
