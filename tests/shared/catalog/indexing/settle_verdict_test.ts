/** @module Reviews of masks that are replaced. */
import { expect } from "@std/expect";
import { caseDetail } from "../../../../shared/catalog/queries/case_detail.ts";
import { reviewQueue } from "../../../../shared/catalog/queries/review_queue.ts";
import { reviews } from "../../../../shared/catalog/queries/reviews.ts";
import { run } from "../../../../shared/catalog/queries/run.ts";
import { resultKey } from "../../../../shared/runs/keys.ts";
import {
  compared,
  emptyHome,
  putFinishedRun,
  putResult,
  putReview,
} from "../homes.ts";

const A = "20260101T000000Z-aaaaaa";
const c1 = { runId: A, caseId: "c1" };

async function reviewedHome() {
  const home = emptyHome();
  const { store, catalog, refresh, refreshRun } = home;
  await putFinishedRun(store, A, [0.9]);
  await putReview(store, { ...c1, attempt: "attempt" });
  await refresh();
  const replace = async (dice: number, attempt: string) => {
    await putResult(store, A, "c1", compared(dice), attempt);
    await refreshRun(A);
  };
  return {
    ...home,
    replace,
    known: () => caseDetail(catalog, A, "c1")!,
    queued: () =>
      (["lowestDice", "largestVolumeError", "newest"] as const).map((kind) =>
        reviewQueue(catalog, kind).length
      ),
  };
}

Deno.test("a verdict ends with the mask that it is of, and the review stays as one of an earlier mask", async () => {
  const { catalog, replace, known, queued } = await reviewedHome();
  expect(known()).toMatchObject({ verdict: "accept", nReviews: 1 });
  expect(queued()).toEqual([0, 0, 0]);
  await replace(0.1, "second");
  expect(known()).toMatchObject({
    verdict: null,
    nReviews: 0,
    reviews: [{ verdict: "accept", isOfThisMask: false }],
  });
  expect(queued()).toEqual([1, 1, 1]);
  expect(run(catalog, A)?.nReviewed).toBe(0);
  expect(reviews(catalog, A).items).toMatchObject([
    { attempt: "attempt", isOfThisMask: false },
  ]);
});

Deno.test("reviewers of another mask do not differ with those of this one", async () => {
  const { store, replace, known, queued } = await reviewedHome();
  await putReview(store, {
    ...c1,
    attempt: "second",
    reviewer: "bo",
    reviewedAt: "2026-02-02T00:00:00.000Z",
    verdict: "reject",
    reason: "boundary",
  });
  await replace(0.1, "second");
  expect(known()).toMatchObject({
    verdict: "reject",
    nReviews: 1,
    isDisputed: false,
    reviews: [{ isOfThisMask: true }, { isOfThisMask: false }],
  });
  expect(queued()).toEqual([0, 0, 0]);
  // A mask that comes back is one that somebody has accepted.
  await replace(0.9, "attempt");
  expect(known()).toMatchObject({ verdict: "accept", nReviews: 1 });
});

Deno.test("a case without a mask has no verdict", async () => {
  const { store, refreshRun, known } = await reviewedHome();
  await store.delete(`runs/${A}/${resultKey("c1")}`);
  await refreshRun(A);
  expect(known()).toMatchObject({ state: "open", verdict: null });
});

Deno.test("a review that names no attempt is of the mask that stood there at its time", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, A, [0.9, 0.8]);
  // Masks are of 2026-01-02T03:04:06.
  const at = (time: string) => `2026-01-02T03:04:${time}.000Z`;
  await putReview(store, { ...c1, reviewedAt: at("05") });
  await putReview(store, { ...c1, caseId: "c2", reviewedAt: at("07") });
  await refresh();
  const verdicts = ["c1", "c2"].map((id) =>
    caseDetail(catalog, A, id)?.verdict
  );
  expect(verdicts).toEqual([null, "accept"]);
});
