/** @module The newest review of a case as the store has it, which may know of one that the index has not read yet. */
import { encodeCaseId } from "../../shared/datasets/case_id.ts";
import { readRecord } from "../../shared/runs/record_io.ts";
import {
  type Review,
  REVIEWS,
  reviewSchema,
} from "../../shared/runs/reviews.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { Refused } from "../security/refused.ts";

/** Another review has come since the case was looked at. */
export class ReviewedMeanwhile extends Refused {
  readonly review: Review;

  constructor(review: Review) {
    super("reviewed");
    this.review = review;
  }
}

/**
 * Null where nobody has reviewed the case. A damaged review counts as none: no page shows it.
 *
 * @param folder the run's
 */
export async function newestReview(
  folder: ObjectStore,
  caseId: string,
): Promise<Review | null> {
  const keys: string[] = [];
  for await (
    const { key } of folder.list(`${REVIEWS}${encodeCaseId(caseId)}/`)
  ) keys.push(key);
  // They begin with the time.
  for (const key of keys.sort().reverse()) {
    const review = await reviewAt(folder, key);
    if (review !== null) return review;
  }
  return null;
}

/** Null where none stands there, or one that cannot be read. */
export async function reviewAt(
  folder: ObjectStore,
  key: string,
): Promise<Review | null> {
  try {
    return await readRecord(folder, key, reviewSchema);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}
