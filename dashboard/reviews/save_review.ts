/** @module Writes reviews: each an object of its own, so that of two who review at once both are kept. */
import { z } from "zod";
import {
  type Review,
  reviewCommentSchema,
  reviewKey,
  reviewReasonSchema,
  reviewSchema,
  reviewVerdictSchema,
} from "../../shared/runs/reviews.ts";
import { createRecord, writeRecord } from "../../shared/runs/record_io.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";

/** What a reviewer says of a mask. */
export const opinionSchema = z.strictObject({
  /** Whose mask was looked at: it may have been replaced since. */
  attempt: z.string().min(1).max(200),
  verdict: reviewVerdictSchema,
  reason: reviewReasonSchema.nullable().default(null),
  comment: reviewCommentSchema.default(""),
  /** When the newest review that was seen was given; null: there was none. Who leaves it out is not asked. */
  seen: z.iso.datetime().nullable().optional(),
}).refine(
  ({ verdict, reason }) => verdict === "accept" || reason !== null,
  { path: ["reason"], message: "Choose why the mask is not accepted" },
).transform((opinion) => ({
  ...opinion,
  reason: opinion.verdict === "accept" ? null : opinion.reason,
}));
export type Opinion = z.output<typeof opinionSchema>;

/** One who gives two verdicts within a millisecond is a program that repeats itself. */
const MOST_TRIES = 10;

/**
 * Adds a review to those of its case.
 *
 * @param folder the run's
 * @throws {Error} when the same reviewer's reviews stand at this and the next milliseconds already.
 */
export async function saveReview(
  folder: ObjectStore,
  about: Pick<Review, "runId" | "caseId" | "reviewer">,
  { seen: _seen, ...opinion }: Opinion,
  now: Date,
): Promise<Review> {
  for (let later = 0; later < MOST_TRIES; later++) {
    const review = reviewSchema.parse({
      format: 1,
      ...about,
      reviewedAt: new Date(now.getTime() + later).toISOString(),
      ...opinion,
    });
    if (await create(folder, reviewKey(review), review)) return review;
  }
  throw new Error(
    `Cannot save the review of case "${about.caseId}": others of ${about.reviewer} stand there`,
  );
}

const writing = new Set<string>();

async function create(
  folder: ObjectStore,
  key: string,
  review: Review,
): Promise<boolean> {
  try {
    return await createRecord(folder, key, review);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotSupported)) throw error;
    // A store that cannot create conditionally: of two that are asked for at once here, one comes later.
    const place = `${folder.location}/${key}`;
    if (writing.has(place)) return false;
    writing.add(place);
    try {
      if (await folder.head(key) !== null) return false;
      await writeRecord(folder, key, review);
    } finally {
      writing.delete(place);
    }
    return true;
  }
}
