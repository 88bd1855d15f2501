/**
 * What reviewers say of a run's cases: `reviews/<caseId>/<time>-<reviewer>.json`, created once each and never
 * changed, so that of two who review at once both are kept. Who changes their mind adds another.
 * @module
 */
import { z } from "zod";
import { decodeCaseId, encodeCaseId } from "../datasets/case_id.ts";

export const REVIEWS = "reviews/";

/** `fix`: usable once it is corrected by hand. */
export const reviewVerdictSchema = z.enum(["accept", "fix", "reject"]);
export type ReviewVerdict = z.infer<typeof reviewVerdictSchema>;

/** Why a mask is not accepted as it is, in the words of the list to pick from. */
export const REVIEW_REASONS = [
  "missedLesion",
  "falseLesion",
  "boundary",
  "physiologicalUptake",
  "registration",
  "imageQuality",
  "wrongLabel",
  "other",
] as const;
export const reviewReasonSchema = z.enum(REVIEW_REASONS);
export type ReviewReason = z.infer<typeof reviewReasonSchema>;

export const reviewSchema = z.strictObject({
  format: z.literal(1),
  runId: z.string(),
  caseId: z.string(),
  /** Whose mask was looked at. */
  attempt: z.string().optional(),
  /** A name or an account, never a patient's. */
  reviewer: z.string().min(1).max(100),
  reviewedAt: z.iso.datetime(),
  verdict: reviewVerdictSchema,
  reason: reviewReasonSchema.nullable(),
  comment: z.string().max(4000),
});
export type Review = z.infer<typeof reviewSchema>;

/** Sorts by time within a case. */
export function reviewKey(
  { caseId, reviewer, reviewedAt }: Pick<
    Review,
    "caseId" | "reviewer" | "reviewedAt"
  >,
): string {
  const time = new Date(reviewedAt).toISOString().replace(/[-:]/g, "");
  return `${REVIEWS}${encodeCaseId(caseId)}/${time}-${
    encodeCaseId(reviewer)
  }.json`;
}

/** The case that the review under a key is of; null for a file that is no review. */
export function caseOfReview(key: string): string | null {
  const folder = /^reviews\/([^/]+)\/\d{8}T[^/]+\.json$/.exec(key)?.[1];
  if (folder === undefined) return null;
  try {
    return decodeCaseId(folder);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
