/** @module What reviewers said of the cases of a run, one row per review. */
import { z } from "zod";
import { reviewReasonSchema, reviewVerdictSchema } from "../../runs/reviews.ts";
import type { Catalog } from "../open_catalog.ts";
import { sql } from "./condition.ts";
import { type Page, pageOf, type PageOptions } from "./page.ts";
import { selectPage } from "./select_page.ts";

export const reviewRowSchema = z.strictObject({
  /** The name of the run's folder. */
  runId: z.string(),
  caseId: z.string(),
  reviewer: z.string(),
  reviewedAt: z.string(),
  verdict: reviewVerdictSchema,
  reason: reviewReasonSchema.nullable(),
  comment: z.string(),
});
export type ReviewRow = z.infer<typeof reviewRowSchema>;

export const reviewPageSchema = pageOf(reviewRowSchema);

/** In the order of cases, then of time. */
export function reviews(
  catalog: Catalog,
  runId: string,
  page?: PageOptions,
): Page<ReviewRow> {
  return selectPage(catalog, {
    columns:
      "r.folder AS runId, c.caseId, v.reviewer, v.reviewedAt, v.verdict, v.reason, v.comment",
    from: sql(
      `reviews v JOIN runs r ON r.id = v.runId JOIN cases c ON c.id = v.caseRow WHERE r.folder = ?`,
      runId,
    ),
    order: "c.caseId, v.reviewedAt, v.key",
    page,
    rowOf: (row) => reviewRowSchema.parse({ ...row }),
  });
}
