/** @module Reviews in words. */
import type { ReviewReason, ReviewVerdict } from "../../shared/runs/reviews.ts";

export const VERDICT_TEXTS: Readonly<
  Record<ReviewVerdict, { readonly done: string; readonly ask: string }>
> = Object.freeze({
  accept: { done: "Accepted", ask: "Accept" },
  fix: { done: "To be fixed", ask: "Fix" },
  reject: { done: "Rejected", ask: "Reject" },
});

export const REASON_TEXTS: Readonly<Record<ReviewReason, string>> = Object
  .freeze({
    missedLesion: "Lesion missed",
    falseLesion: "False lesion",
    boundary: "Boundary wrong",
    physiologicalUptake: "Physiological uptake",
    registration: "Not aligned",
    imageQuality: "Image quality",
    wrongLabel: "Label wrong",
    other: "Other",
  });
