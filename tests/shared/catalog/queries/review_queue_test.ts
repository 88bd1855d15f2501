/** @module What reviewers said, and what waits for them. */
import { expect } from "@std/expect";
import { cases } from "../../../../shared/catalog/queries/cases.ts";
import {
  checkpoints,
  datasets,
} from "../../../../shared/catalog/queries/lists.ts";
import { reviewQueue } from "../../../../shared/catalog/queries/review_queue.ts";
import { run } from "../../../../shared/catalog/queries/run.ts";
import { caseOf, resultOf } from "../../../support/runs.ts";
import {
  compared,
  comparedClasses,
  emptyHome,
  measured,
  put,
  putFinishedRun,
  putResult,
  putReview,
  putRun,
} from "../homes.ts";
import { A, B, dataset, ids } from "./examples.ts";

Deno.test("reviews of two who differ are both kept: the newest is the verdict, and it is disputed", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putRun(store, A);
  await putResult(store, A, "c1", compared(0.5));
  await putResult(store, A, "c2", compared(0.6));
  const at = (day: number) => `2026-02-0${day}T00:00:00.000Z`;
  const review = (reviewer: string, day: number, verdict: "accept" | "fix") =>
    putReview(store, {
      runId: A,
      caseId: "c1",
      reviewer,
      reviewedAt: at(day),
      verdict,
    });
  const c1 = () =>
    cases(catalog, { runId: A }, { filter: { search: "c1" } }).items[0];
  await review("ada", 1, "accept");
  await refresh();
  expect(c1()).toMatchObject({
    verdict: "accept",
    nReviews: 1,
    isDisputed: false,
  });
  await review("bo", 2, "fix");
  await refresh();
  expect(c1()).toMatchObject({ verdict: "fix", nReviews: 2, isDisputed: true });
  const disputed = () =>
    ids(
      cases(catalog, { runId: A }, { filter: { verdict: "disputed" } }).items,
    );
  expect(disputed()).toEqual(["c1"]);
  // Who changes their mind agrees with the other.
  await review("ada", 3, "fix");
  await refresh();
  expect(c1()).toMatchObject({
    verdict: "fix",
    nReviews: 3,
    isDisputed: false,
  });
  expect(disputed()).toEqual([]);
  expect(run(catalog, A)?.nReviewed).toBe(1);
  const none = cases(catalog, { runId: A }, { filter: { verdict: "none" } });
  expect(ids(none.items)).toEqual(["c2"]);
});

Deno.test("reviewQueue() has what is not reviewed: lowest Dice, largest volume error, newest", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, A, [0.9, 0.3, 0.5]);
  await putRun(store, B, { cases: [caseOf("u1"), caseOf("u2")] });
  await putResult(store, B, "u1", measured(5));
  await putReview(store, { runId: A, caseId: "c2" });
  await put(
    store,
    `runs/${A}/results/c1.json`,
    resultOf("c1", "attempt", {
      runId: A,
      metrics: compared(0.9, { volumeMl: 30 }),
    }),
  );
  await refresh();
  for (const among of [{}, { run: A }]) {
    const queue = (kind: Parameters<typeof reviewQueue>[1]) =>
      ids(reviewQueue(catalog, kind, { among }));
    expect(queue("lowestDice")).toEqual(["c3", "c1"]);
    expect(queue("largestVolumeError")).toEqual(["c1", "c3"]);
  }
  expect(ids(reviewQueue(catalog, "newest"))).toEqual(["u1", "c1", "c3"]);
  expect(ids(reviewQueue(catalog, "newest", { among: { run: A } })))
    .toEqual(["c1", "c3"]);
  expect(
    ids(reviewQueue(catalog, "lowestDice", { page: { offset: 1, limit: 1 } })),
  )
    .toEqual(["c1"]);
});

Deno.test("reviewQueue() is narrowed to a dataset and a checkpoint, of which there are many cases or few", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, A, [0.9, 0.3, 0.5]);
  const other = { name: "other", location: "/data/other" };
  await putRun(store, B, { dataset: other, cases: [caseOf("u1")] });
  await putResult(store, B, "u1", measured(5));
  await refresh();
  const keyOf = (name: string) =>
    datasets(catalog).items.find((one) => one.name === name)!.key;
  const [checkpoint] = checkpoints(catalog).items;
  const queue = (among: Parameters<typeof reviewQueue>[2]) =>
    ids(reviewQueue(catalog, "newest", among));
  const own = keyOf(run(catalog, A)!.dataset.name);
  const narrowed = () => {
    expect(queue({ among: { dataset: keyOf("other") } })).toEqual(["u1"]);
    expect(queue({ among: { dataset: "none" } })).toEqual([]);
    expect(queue({ among: { dataset: own, checkpoint: checkpoint!.key } }))
      .toEqual(["c1", "c2", "c3"]);
    expect(queue({ among: { run: A, dataset: keyOf("other") } }))
      .toEqual([]);
    expect(ids(reviewQueue(catalog, "lowestDice", { among: { dataset: own } })))
      .toEqual(["c2", "c3", "c1"]);
  };
  narrowed();
  // As if the other dataset had a thousand times as many cases, then this one.
  for (const folder of [A, B]) {
    catalog.run("UPDATE runs SET nDone = 5000 WHERE folder = ?", folder);
    catalog.run("UPDATE runs SET nDone = 1 WHERE folder <> ?", folder);
    narrowed();
  }
});

Deno.test("reviewQueue() has each case once, by its worst class, in the same order however it is narrowed", async () => {
  const { store, catalog, refresh } = emptyHome();
  const classes = ["background", "tumour", "node"];
  const dice = [[0.9, 0.2], [0.1, 0.8], [0.5, 0.2]] as const;
  const big = Array.from({ length: 60 }, () => [0.7, 0.6] as const);
  for (const [runId, all] of [[A, dice], [B, big]] as const) {
    await putRun(store, runId, {
      classes,
      cases: all.map((_, n) => caseOf(`c${n + 1}`)),
      dataset: dataset(runId === A ? "ecpc" : "hecktor"),
    });
    for (const [n, [tumour, node]] of all.entries()) {
      const metrics = comparedClasses({ tumour, node });
      await putResult(store, runId, `c${n + 1}`, metrics);
    }
  }
  await refresh();
  const keyOf = (runId: string) => run(catalog, runId)!.dataset.key;
  const scopes = [{}, { run: A }, { dataset: keyOf(A) }];
  for (const among of scopes) {
    const queue = reviewQueue(catalog, "lowestDice", { among });
    expect(queue.slice(0, 3).map((one) => [one.caseId, one.className]))
      .toEqual([["c2", "tumour"], ["c1", "node"], ["c3", "node"]]);
    expect(queue.slice(0, 3).map(({ figures }) => figures?.dice))
      .toEqual([0.1, 0.2, 0.2]);
    const all = among === scopes[0] ? 63 : 3;
    for (
      const kind of ["lowestDice", "largestVolumeError", "newest"] as const
    ) {
      const page = { limit: 200 };
      const found = reviewQueue(catalog, kind, { among, page });
      const names = found.map(({ runId, caseId }) => `${runId} ${caseId}`);
      expect(new Set(names).size).toBe(all);
      expect(names.length).toBe(all);
    }
  }
});
