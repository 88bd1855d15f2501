/**
 * Which review was saved just before, as the address of the next page names it. Anyone can write an address: a page
 * says so only of a review that stands in the store, of whoever looks at the page.
 * @module
 */
import { z } from "zod";
import { CaseError } from "../../shared/case_error.ts";
import { caseDetail } from "../../shared/catalog/queries/case_detail.ts";
import {
  type Review,
  reviewerSchema,
  reviewKey,
} from "../../shared/runs/reviews.ts";
import { substore } from "../../shared/storage/substore.ts";
import type { Identity } from "../auth/identity.ts";
import type { DashboardDeps } from "../deps.ts";
import { reviewAt } from "./newest_review.ts";

export interface SavedReview {
  readonly runId: string;
  readonly caseId: string;
}

/** A run's folder, a case, and a time. */
const MARK = /^([^/]{1,200})\/(.{1,500})\/([^/]{1,40})$/su;

/** @param path of a page of this dashboard */
export function withSaved(
  path: string,
  runId: string,
  { caseId, reviewedAt }: Review,
): string {
  const url = new URL(path, "http://uptake.invalid");
  url.searchParams.set("saved", `${runId}/${caseId}/${reviewedAt}`);
  return url.pathname + url.search;
}

/** Null where there is no such review of theirs, or the store does not say so now. */
export async function findSaved(
  { catalog, home }: Pick<DashboardDeps, "catalog" | "home">,
  identity: Identity | null,
  mark: string | undefined,
): Promise<SavedReview | null> {
  const [, run, named, time] = MARK.exec(mark ?? "") ?? [];
  const at = z.iso.datetime().safeParse(time);
  if (run === undefined || named === undefined) return null;
  if (identity === null || !at.success) return null;
  const detail = caseDetail(catalog, run, named);
  if (detail === null) return null;
  const { runId, caseId } = detail;
  const key = reviewKey({
    caseId,
    reviewer: reviewerSchema.parse(identity.actor),
    reviewedAt: at.data,
  });
  try {
    const review = await reviewAt(substore(home, `runs/${runId}`), key);
    return review === null ? null : { runId, caseId };
  } catch (error) {
    if (!(error instanceof CaseError) || error.kind !== "storage") throw error;
    return null;
  }
}
