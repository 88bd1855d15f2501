/**
 * What reviewers say of a run's cases: `reviews/<caseId>/<time>-<reviewer>.json`, created once each and never
 * changed, so that of two who review at once both are kept. Who changes their mind adds another.
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { decodeCaseId, encodeCaseId } from "../datasets/case_id.ts";
import { commentSchema, nameSchema } from "../plain_text.ts";

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

/** As long as names of accounts may be (OpenID Connect, section 2). Others give them, who may put anything in. */
export const reviewerSchema = nameSchema.min(1).max(255);

/** Longer ones belong into a report. */
export const MAX_COMMENT_CHARACTERS = 4000;
export const reviewCommentSchema = commentSchema.max(MAX_COMMENT_CHARACTERS);

export const reviewSchema = z.strictObject({
  format: z.literal(1),
  runId: z.string(),
  caseId: z.string(),
  /** Whose mask was looked at. */
  attempt: z.string().optional(),
  /** A name or an account, never a patient's. */
  reviewer: reviewerSchema,
  reviewedAt: z.iso.datetime(),
  verdict: reviewVerdictSchema,
  reason: reviewReasonSchema.nullable(),
  comment: reviewCommentSchema,
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
    fileNameOf(reviewer)
  }.json`;
}

/** A reviewer as part of a file's name: long names are cut, and told apart by their hash. */
function fileNameOf(reviewer: string): string {
  try {
    return encodeCaseId(reviewer);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const start = reviewer.replace(/[^A-Za-z0-9]+/g, " ").trim().slice(0, 40);
    const hash = createHash("sha256").update(reviewer, "utf8").digest("hex");
    return `${start}~${hash.slice(0, 32)}`;
  }
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
