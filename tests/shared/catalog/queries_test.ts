/** @module What pages ask the index, on homes whose answers can be told by hand. */
import { expect } from "@std/expect";
import { caseDetail } from "../../../shared/catalog/queries/case_detail.ts";
import { cases } from "../../../shared/catalog/queries/cases.ts";
import { compareRuns } from "../../../shared/catalog/queries/compare_runs.ts";
import { distribution } from "../../../shared/catalog/queries/distribution.ts";
import { dots } from "../../../shared/catalog/queries/dots.ts";
import {
  checkpoints,
  datasets,
  totals,
} from "../../../shared/catalog/queries/lists.ts";
import { overview } from "../../../shared/catalog/queries/overview.ts";
import { reviewQueue } from "../../../shared/catalog/queries/review_queue.ts";
import { run } from "../../../shared/catalog/queries/run.ts";
import { runs } from "../../../shared/catalog/queries/runs.ts";
import { trend } from "../../../shared/catalog/queries/trend.ts";
import { compareCases } from "../../../shared/metrics/compare.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import {
  checkpointOf,
  datasetOf,
} from "../../jobs/evaluation/reevaluate/evaluations.ts";
import { caseOf, resultOf, runOf } from "../../support/runs.ts";
import {
  compared,
  comparedClasses,
  emptyHome,
  measured,
  put,
  putFailure,
  putFinishedRun,
  putResult,
  putReview,
  putRun,
  putSummary,
} from "./homes.ts";

const A = "20260101T000000Z-aaaaaa";
const B = "20260102T000000Z-bbbbbb";
const C = "20260103T000000Z-cccccc";

const checkpoint = (letter: string) => ({
  name: `net-${letter}`,
  location: `file:///${letter}.safetensors`,
  sha256: letter.repeat(64),
});
const DIGITS: Readonly<Record<string, string>> = { ecpc: "d", hecktor: "e" };
const dataset = (name: string, fold?: number) => ({
  name,
  location: `s3://scans/${name}`,
  digest: (DIGITS[name] ?? "f").repeat(64),
  ...(fold === undefined ? {} : { fold }),
});
const ids = (items: readonly { readonly caseId: string }[]) =>
  items.map(({ caseId }) => caseId);

/** A night that found B's checkpoint worse than A's, which it replaces, on so many cases. */
async function putWorse(
  store: ObjectStore,
  n: number,
  comparison: ReturnType<typeof compareCases>,
): Promise<void> {
  const side = (letter: string, runId: string) => ({
    name: `net-${letter}`,
    sha256: letter.repeat(64),
    family: "net",
    fold: null,
    runId,
    coverage: { expected: n, done: n, failed: 0, missing: 0 },
  });
  await put(store, `comparisons/${"2".repeat(64)}.json`, {
    format: 1,
    createdAt: "2026-01-02T01:00:00.000Z",
    why: "predecessor",
    dataset: { name: "ecpc", digest: "d".repeat(64) },
    cases: "all",
    before: side("a", A),
    after: side("b", B),
    verdict: "worse",
    comparison,
  });
}

Deno.test("overview() has a row per dataset, checkpoint and fold, of the newest finished run", async () => {
  const { store, catalog, refresh } = emptyHome();
  const older = { createdAt: "2026-01-01T00:00:00.000Z" };
  const newer = { createdAt: "2026-01-02T00:00:00.000Z" };
  await putFinishedRun(store, A, [0.1, 0.3], {
    dataset: dataset("ecpc", 0),
    ...older,
  });
  await putFinishedRun(store, B, [0.6, 0.8], {
    dataset: dataset("ecpc", 0),
    ...newer,
  });
  await putFinishedRun(store, C, [0, 1], {
    dataset: dataset("ecpc", 1),
    ...newer,
  });
  // Newer still, but not finished.
  const open = "20260104T000000Z-dddddd";
  await putRun(store, open, {
    dataset: dataset("ecpc", 0),
    createdAt: "2026-01-04T00:00:00.000Z",
  });
  await putResult(store, open, "c1", compared(0.2));
  await refresh();
  const { items, total } = overview(catalog);
  expect(total).toBe(2);
  expect(items.map(({ runId, fold }) => [runId, fold])).toEqual([[B, 0], [
    C,
    1,
  ]]);
  expect(items[0]).toMatchObject({
    dataset: { name: "ecpc", digest: "d".repeat(64) },
    checkpoint: { name: "a", kind: "checkpoint", key: "a".repeat(64) },
    className: "tumour",
    isFinished: true,
    nExpected: 2,
    nLabelled: 2,
  });
  const dice = items[0]?.aggregate.metrics.dice;
  expect(dice?.mean).toBeCloseTo(0.7, 12);
  expect(dice?.sd).toBeCloseTo(Math.SQRT2 / 10, 12);
  expect(dice).toMatchObject({ nCounted: 2, min: 0.6, max: 0.8 });
  expect(dice?.lowerQuartile).toBeCloseTo(0.65, 12);
  expect(dice?.ci95).toEqual([0.6, 0.8]);
  // The missed tumour has no distance: it is excluded from that mean, and said so.
  expect(items[1]?.aggregate).toMatchObject({
    nMissed: 1,
    metrics: { hd95Mm: { nCounted: 1, nExcluded: 1, nMissed: 1, mean: 0 } },
  });
});

Deno.test("overview() splits a run over several folds by the folds of its cases", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putRun(store, A, {
    cases: [{ ...caseOf("c1"), fold: 0 }, { ...caseOf("c2"), fold: 1 }],
  });
  await putResult(store, A, "c1", compared(0.2));
  await putResult(store, A, "c2", compared(0.4));
  await refresh();
  expect(
    overview(catalog).items.map(({ fold, aggregate }) => [
      fold,
      aggregate.metrics.dice?.mean,
    ]),
  ).toEqual([[0, 0.2], [1, 0.4]]);
});

Deno.test("overview() filters, searches, sorts and pages", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, A, [0.5], {
    dataset: dataset("ecpc"),
    checkpoints: [checkpoint("a")],
  });
  await putFinishedRun(store, B, [0.9], {
    dataset: dataset("hecktor"),
    checkpoints: [checkpoint("b")],
  });
  await putRun(store, C, {
    dataset: dataset("plain"),
    checkpoints: [checkpoint("c")],
    cases: [caseOf("c1")],
  });
  await putResult(store, C, "c1", measured(5));
  await putSummary(store, C, [measured(5)]);
  await refresh();
  const names = (options: Parameters<typeof overview>[1]) =>
    overview(catalog, options).items.map((row) => row.dataset.name);
  expect(names({})).toEqual(["ecpc", "hecktor", "plain"]);
  expect(names({ sort: "dice" })).toEqual(["hecktor", "ecpc", "plain"]);
  expect(names({ isLabelled: false })).toEqual(["plain"]);
  expect(names({ search: "HECK" })).toEqual(["hecktor"]);
  expect(names({ search: "net-a" })).toEqual(["ecpc"]);
  expect(names({ search: "%" })).toEqual([]);
  expect(names({ checkpoint: "b".repeat(64) })).toEqual(["hecktor"]);
  expect(overview(catalog, { page: { offset: 1, limit: 1 } })).toMatchObject({
    total: 3,
    items: [{ dataset: { name: "hecktor" } }],
  });
  expect(() => overview(catalog, { page: { limit: 201 } })).toThrow();
});

Deno.test("a dataset is told by its location; averaged checkpoints are one", async () => {
  const { store, catalog, refresh } = emptyHome();
  const both = [checkpoint("a"), checkpoint("b")];
  await putFinishedRun(store, A, [0.5], { checkpoints: both });
  await putFinishedRun(store, B, [0.5], {
    checkpoints: both.toReversed(),
    dataset: { name: "scans", location: "file:///scans" },
  });
  await putFinishedRun(store, C, [0.5], { dataset: dataset("scans") });
  await refresh();
  const rows =
    runs(catalog, { sort: "createdAt", direction: "ascending" }).items;
  const [a, b, c] = rows;
  expect(a?.dataset).toMatchObject({
    name: "scans",
    location: "file:///scans",
  });
  expect(a?.dataset.key).toBe(b?.dataset.key);
  expect(c?.dataset.key).not.toBe(a?.dataset.key);
  expect(a?.checkpoint).toMatchObject({
    kind: "ensemble",
    name: "net-a + net-b",
  });
  expect(a?.checkpoint.key).toBe(b?.checkpoint.key);
});

Deno.test("a dataset that grows stays the same one; a run tells of the state that it met", async () => {
  const { store, catalog, refresh } = emptyHome();
  const { digest: one, ...untold } = dataset("ecpc");
  const other = "9".repeat(64);
  const met = { [A]: one, [B]: undefined, [C]: other };
  for (const [n, [runId, digest]] of Object.entries(met).entries()) {
    await putFinishedRun(store, runId, [0.5], {
      dataset: { ...untold, ...(digest === undefined ? {} : { digest }) },
      createdAt: `2026-01-0${n + 1}T00:00:00.000Z`,
    });
  }
  await refresh();
  const { items } = overview(catalog);
  expect(items.map(({ runId, dataset }) => [runId, dataset.digest]))
    .toEqual([[C, other]]);
  expect(
    trend(catalog, { dataset: items[0]!.dataset.key }).map((
      { runId, dataset },
    ) => [runId, dataset.digest]),
  ).toEqual([[A, one], [B, null], [C, other]]);
});

Deno.test("runs() filters, searches, sorts and pages; run() has the plan without its cases", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, A, [0.5, 0.7], {
    dataset: dataset("ecpc"),
    createdAt: "2026-01-01T00:00:00.000Z",
  });
  await putRun(store, B, { createdAt: "2026-01-02T00:00:00.000Z" });
  await put(store, `runs/${C}/run.json`, {
    format: 1,
    kind: "evaluate",
    runId: C,
    createdAt: "2026-01-03T00:00:00.000Z",
    codeVersion: "0.0.0",
    masks: "s3://theirs/masks",
    labels: "s3://theirs/labels",
    classes: ["background", "tumour"],
    cases: [{
      caseId: "c1",
      label: { store: "s3://theirs/labels", key: "c1.nii.gz" },
      unit: "unknown",
    }],
  });
  await refresh();
  const found = (options: Parameters<typeof runs>[1]) =>
    runs(catalog, options).items.map(({ runId }) => runId);
  expect(found({})).toEqual([C, B, A]);
  expect(found({ sort: "meanDice" })[0]).toBe(A);
  expect(found({ state: "finished" })).toEqual([A]);
  expect(found({ kind: "evaluate" })).toEqual([C]);
  expect(found({ search: "ecp" })).toEqual([A]);
  expect(found({ page: { offset: 1, limit: 1 } })).toEqual([B]);
  expect(runs(catalog).items[0]).toMatchObject({
    checkpoint: { kind: "masks", name: "masks" },
    dataset: { name: "labels" },
  });
  expect(run(catalog, A)).toMatchObject({
    meanDice: 0.6,
    plan: { kind: "segment", options: { overlap: 0.5 } },
    classes: ["tumour"],
    groups: [{ fold: null, nDone: 2 }],
    nDamaged: 0,
  });
  expect(run(catalog, A)?.plan).not.toHaveProperty("cases");
  expect(run(catalog, "unknown")).toBe(null);
});

Deno.test("cases() shows the worst first, and filters, sorts, searches and pages", async () => {
  const { store, catalog, refresh } = emptyHome();
  const all = ["a1", "b2", "c_3", "d4", "e5"];
  await putRun(store, A, {
    cases: all.map((id) => ({ ...caseOf(id), patientId: `patient-${id}` })),
  });
  await putResult(store, A, "a1", compared(0.9));
  await putResult(store, A, "b2", compared(0));
  await putResult(store, A, "c_3", compared(0.5));
  await putFailure(store, A, "d4");
  await refresh();
  const found = (options: Parameters<typeof cases>[2]) =>
    ids(cases(catalog, { runId: A }, options).items);
  expect(found({})).toEqual(["b2", "c_3", "a1", "d4", "e5"]);
  expect(found({ sort: { by: "dice", direction: "descending" } }).slice(0, 3))
    .toEqual(["a1", "c_3", "b2"]);
  // No distance of a missed tumour: it stands last, whichever way.
  expect(found({ sort: { by: "hd95Mm", direction: "descending" } }).slice(0, 3))
    .toEqual(["c_3", "a1", "b2"]);
  expect(found({ sort: { by: "caseId" } })).toEqual(all);
  expect(found({ filter: { state: "open" } })).toEqual(["e5"]);
  expect(found({ filter: { outcome: "missed" } })).toEqual(["b2"]);
  expect(found({ filter: { search: "PATIENT-c" } })).toEqual(["c_3"]);
  expect(found({ filter: { search: "_" } })).toEqual(["c_3"]);
  expect(cases(catalog, { runId: A }, { page: { offset: 1, limit: 2 } }))
    .toMatchObject({ total: 5, items: [{ caseId: "c_3" }, { caseId: "a1" }] });
  expect(cases(catalog, { runId: A }).items[0]).toMatchObject({
    className: "tumour",
    outcome: "missed",
    state: "done",
    failure: null,
    isLabelled: true,
    figures: { dice: 0, hd95Mm: null, volumeErrorMl: 10, referenceLesions: 1 },
    seconds: 1,
  });
  expect(cases(catalog, { runId: A }).items[4]?.figures).toBe(null);
  expect(cases(catalog, { runId: "unknown" }).total).toBe(0);
  expect(cases(catalog, { runId: A, className: "node" }).items[0]?.figures)
    .toBe(null);
});

Deno.test("cases() of a selection are those of the runs that stand for it", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, A, [0.1], {
    dataset: dataset("ecpc", 0),
    createdAt: "2026-01-01T00:00:00.000Z",
  });
  await putFinishedRun(store, B, [0.2, 0.3], { dataset: dataset("ecpc", 0) });
  await putFinishedRun(store, C, [0.25], { dataset: dataset("ecpc", 1) });
  await refresh();
  const key = overview(catalog).items[0]!.dataset.key;
  const values = (more: object) =>
    cases(catalog, { dataset: key, ...more }).items.map(({ figures }) =>
      figures?.dice
    );
  expect(values({})).toEqual([0.2, 0.25, 0.3]);
  expect(values({ fold: 1 })).toEqual([0.25]);
  expect(values({ fold: null })).toEqual([]);
  expect(values({ checkpoint: "a".repeat(64), fold: 0 })).toEqual([0.2, 0.3]);
  expect(values({ checkpoint: "b".repeat(64) })).toEqual([]);
});

Deno.test("caseDetail() knows the files, the reviews and the neighbours in the list", async () => {
  const { store, catalog, refresh } = emptyHome();
  const outputs = [{
    name: "mask.nii.gz",
    key: "attempts/c2/attempt/mask.nii.gz",
    bytes: 3,
    sha256: "e".repeat(64),
  }];
  await putFinishedRun(store, A, [0.9, 0.1, 0.5]);
  await put(
    store,
    `runs/${A}/results/c2.json`,
    resultOf("c2", "attempt", { runId: A, metrics: compared(0.1), outputs }),
  );
  await putReview(store, { runId: A, caseId: "c2", verdict: "reject" });
  await refresh();
  expect(caseDetail(catalog, A, "c2")).toMatchObject({
    runId: A,
    caseId: "c2",
    unit: "unknown",
    images: [{ store: "file:///scans", key: "c2.nii.gz" }],
    label: null,
    outputs,
    resultKey: `runs/${A}/results/c2.json`,
    classes: [{ name: "tumour", outcome: "compared", figures: { dice: 0.1 } }],
    reviews: [{ reviewer: "ada", verdict: "reject" }],
    position: 1,
    total: 3,
    previous: null,
    next: { runId: A, caseId: "c3" },
  });
  expect(caseDetail(catalog, A, "c2", { sort: { by: "caseId" } }))
    .toMatchObject({
      position: 2,
      previous: { caseId: "c1" },
      next: { caseId: "c3" },
    });
  expect(caseDetail(catalog, A, "c2", { filter: { search: "c1" } }))
    .toMatchObject({ position: null, previous: null, next: null });
  expect(caseDetail(catalog, A, "c9")).toBe(null);
  expect(caseDetail(catalog, B, "c2")).toBe(null);
});

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

Deno.test("trend() says of a class what was compared of it, not what another class did", async () => {
  const { store, catalog, refresh } = emptyHome();
  const sixCases = (tumour: number, node: number) =>
    ["c1", "c2", "c3", "c4", "c5", "c6"].map((caseId, n) => ({
      caseId,
      metrics: comparedClasses({ tumour: tumour - n / 100, node }),
    }));
  const [before, after] = [sixCases(0.9, 0.8), sixCases(0.3, 0.8)];
  for (
    const [runId, letter, all] of [[A, "a", before], [B, "b", after]] as const
  ) {
    await putRun(store, runId, {
      classes: ["background", "tumour", "node"],
      checkpoints: [checkpoint(letter)],
      dataset: dataset("ecpc"),
      cases: all.map(({ caseId }) => caseOf(caseId)),
    });
    for (const { caseId, metrics } of all) {
      await putResult(store, runId, caseId, metrics);
    }
  }
  await putWorse(store, 6, compareCases(before, after));
  await refresh();
  const last = (className: string) =>
    trend(catalog, { checkpoint: "b".repeat(64), className }).map((
      { isRegression, comparisons },
    ) => [isRegression, comparisons.map(({ verdict }) => verdict)]);
  expect(last("tumour")).toEqual([[true, ["worse"]]]);
  expect(last("node")).toEqual([[false, ["same"]]]);
});

Deno.test("a labelled run is one before any of its cases is measured, and when all of them fail", async () => {
  const { store, catalog, refresh } = emptyHome();
  const label = { store: "file:///labels", key: "c1.nii.gz" };
  await putRun(store, A, {
    dataset: dataset("ecpc"),
    cases: [{ ...caseOf("c1"), label }],
  });
  const labelled = () =>
    [true, false].map((isLabelled) => overview(catalog, { isLabelled }).total);
  await refresh();
  expect(labelled()).toEqual([1, 0]);
  await putFailure(store, A, "c1");
  await putSummary(store, A, [], 1);
  await refresh();
  expect(labelled()).toEqual([1, 0]);
  expect(overview(catalog).items).toMatchObject([
    { nLabelled: 1, nDone: 0, nFailed: 1 },
  ]);
  expect(runs(catalog).items).toMatchObject([{ meanDice: null, nLabelled: 1 }]);
});

Deno.test("a mean over folds weighs them by the cases that it counts, not by those that failed", async () => {
  const { store, catalog, refresh } = emptyHome();
  const label = { store: "file:///labels", key: "any.nii.gz" };
  const of = (caseId: string, fold: number) => ({
    ...caseOf(caseId),
    fold,
    label,
  });
  await putRun(store, A, {
    cases: [of("c1", 0), of("c2", 0), of("c3", 1), of("c4", 1)],
  });
  await putResult(store, A, "c1", compared(0.9));
  await putResult(store, A, "c2", compared(0.9));
  await putResult(store, A, "c3", compared(0.3));
  await putFailure(store, A, "c4");
  await refresh();
  expect(runs(catalog).items[0]?.meanDice).toBeCloseTo(0.7, 12);
});

Deno.test("dots() are all values in their order, or a sample with that said", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, A, [0.4, 0, 0.2, 0.3, 0.1]);
  await refresh();
  const all = dots(catalog, { runId: A }, "dice");
  expect(all).toMatchObject({ total: 5, isSampled: false });
  expect(all.dots.map(({ value }) => value)).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
  expect(all.dots[0]).toEqual({
    runId: A,
    caseId: "c2",
    checkpoint: "a".repeat(64),
    fold: null,
    outcome: "missed",
    value: 0,
  });
  // The missed tumour has no distance, and so no dot.
  expect(dots(catalog, { runId: A }, "hd95Mm").total).toBe(4);
  const some = dots(catalog, { runId: A }, "dice", 3);
  expect(some).toMatchObject({ total: 5, isSampled: true });
  // The sha256 of their ids begin with 00 (c4), 7c (c3), 9c (c2), d0bf (c5), d0f6 (c1).
  expect(ids(some.dots)).toEqual(["c2", "c3", "c4"]);
  expect(dots(catalog, { runId: A }, "dice", 3)).toEqual(some);
  expect(() => dots(catalog, { runId: A }, "dice", 0.5)).toThrow(RangeError);
  expect(dots(catalog, { runId: B }, "dice")).toEqual({
    dots: [],
    total: 0,
    isSampled: false,
  });
});

Deno.test("distribution() has quartiles, bars, and outliers by the median absolute deviation", async () => {
  const { store, catalog, refresh } = emptyHome();
  const volumes = [1, 2, 3, 4, 5, 6, 100];
  await putRun(store, A, { cases: volumes.map((_, n) => caseOf(`c${n}`)) });
  for (const [n, volume] of volumes.entries()) {
    await putResult(store, A, `c${n}`, measured(volume, 1));
  }
  await refresh();
  const volume = distribution(catalog, { runId: A }, "volumeMl");
  expect(volume).toMatchObject({
    nCounted: 7,
    nExcluded: 0,
    min: 1,
    lowerQuartile: 2.5,
    median: 4,
    upperQuartile: 5.5,
    max: 100,
    nOutliers: 1,
    outliers: [{ runId: A, caseId: "c6", value: 100 }],
  });
  // Absolute deviations 3 2 1 0 1 2 96: their median is 2.
  expect(volume.limits).toEqual([4 - 3 * 1.4826 * 2, 4 + 3 * 1.4826 * 2]);
  expect(volume.outliers[0]?.deviations).toBeCloseTo(96 / (1.4826 * 2), 12);
  expect(volume.bars.length).toBe(30);
  expect(volume.bars.map(({ n }) => n).filter((n) => n > 0)).toEqual([4, 2, 1]);
  const lesions = distribution(catalog, { runId: A }, "predictedLesions");
  expect(lesions).toMatchObject({
    median: 1,
    limits: null,
    nOutliers: 0,
    bars: [{ from: 1, to: 1, n: 7 }],
  });
  expect(distribution(catalog, { runId: A }, "suvMax")).toMatchObject({
    nCounted: 0,
    nExcluded: 7,
    median: null,
    bars: [],
  });
});

Deno.test("trend() and overview() tell in which options runs over the same cases differ", async () => {
  const { store, catalog, refresh } = emptyHome();
  const made = async (runId: string, day: number, more: object) =>
    await putFinishedRun(store, runId, [0.9, 0.9], {
      dataset: dataset("ecpc"),
      checkpoints: [checkpoint("a")],
      createdAt: `2026-01-0${day}T00:00:00.000Z`,
      ...more,
    });
  const { options } = runOf({ runId: A });
  await made(A, 1, {});
  await made(B, 2, { codeVersion: "9.9.9" });
  await refresh();
  expect(trend(catalog, {}).map(({ varying }) => varying)).toEqual([[], []]);
  await made(C, 3, { options: { ...options, overlap: 0 } });
  await refresh();
  expect(
    trend(catalog, {}).map(({ varying, settings }) => [
      ...varying,
      settings?.overlap,
    ]),
  ).toEqual([
    ["overlap", options.overlap],
    ["overlap", options.overlap],
    ["overlap", 0],
  ]);
  expect(overview(catalog).items).toMatchObject([
    { runId: C, settings: { overlap: 0 }, varying: ["overlap", "codeVersion"] },
  ]);
});

Deno.test("trend() follows a family over time, and marks what got worse", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, A, [0.9, 0.9], {
    checkpoints: [checkpoint("a")],
    dataset: dataset("ecpc"),
    createdAt: "2026-01-01T00:00:00.000Z",
  });
  await putFinishedRun(store, B, [0.5, 0.5], {
    checkpoints: [checkpoint("b")],
    dataset: dataset("ecpc"),
    createdAt: "2026-01-02T00:00:00.000Z",
  });
  for (const letter of ["a", "b"]) {
    await put(
      store,
      `checkpoints/net-${letter}.json`,
      checkpointOf(`net-${letter}`, 1, {
        sha256: letter.repeat(64),
        family: "net",
      }),
    );
  }
  await put(store, `evaluations/${"1".repeat(64)}.json`, {
    format: 1,
    runId: B,
    checkpoint: { name: "net-b", sha256: "b".repeat(64) },
    dataset: { name: "ecpc", digest: "d".repeat(64) },
    options: {
      overlap: 0.5,
      roi: [32, 32, 32],
      mode: "gaussian",
      tta: "none",
      minLesionMl: 0,
    },
    cases: "all",
    createdAt: "2026-01-02T00:00:00.000Z",
  });
  const two = (dice: number) =>
    ["c1", "c2"].map((caseId) => ({ caseId, metrics: compared(dice) }));
  const comparison = compareCases(two(0.9), two(0.5));
  await putWorse(store, 2, comparison);
  await refresh();
  const points = trend(catalog, { family: "net" });
  expect(points.map(({ runId, isRegression, isEvaluation }) => ({
    runId,
    isRegression,
    isEvaluation,
  }))).toEqual([
    { runId: A, isRegression: false, isEvaluation: false },
    { runId: B, isRegression: true, isEvaluation: true },
  ]);
  expect(points[1]?.comparisons).toEqual([{
    why: "predecessor",
    verdict: "worse",
    beforeName: "net-a",
    beforeRunId: A,
  }]);
  expect(trend(catalog, { checkpoint: "b".repeat(64) }).length).toBe(1);
  expect(trend(catalog, { family: "other" })).toEqual([]);
  // The comparison worked out from the index is the one of the record.
  expect(compareRuns(catalog, A, B)).toEqual(comparison);
  expect(compareRuns(catalog, A, "unknown")).toBe(null);
});

Deno.test("datasets(), checkpoints() and totals() tell what there is", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, A, [0.5, 0.7], { dataset: dataset("ecpc") });
  await putRun(store, B, { dataset: dataset("ecpc") });
  await putFailure(store, B, "c1");
  await putReview(store, { runId: A, caseId: "c1" });
  await put(
    store,
    "checkpoints/net-b.json",
    checkpointOf("net-b", 1, {
      sha256: "b".repeat(64),
    }),
  );
  await put(
    store,
    "datasets/ecpc.json",
    datasetOf(
      { c1: {}, c2: {}, c3: {} },
      {
        name: "ecpc",
        location: "s3://scans/ecpc",
        digest: "d".repeat(64),
      },
    ),
  );
  await refresh();
  expect(datasets(catalog)).toMatchObject({
    total: 1,
    items: [{ name: "ecpc", nCases: 3, nRuns: 2 }],
  });
  expect(
    checkpoints(catalog).items.map(({ name, nRuns, registeredAt }) => [
      name,
      nRuns,
      registeredAt,
    ]),
  ).toEqual([["a", 2, null], ["net-b", 0, "2026-01-01T00:00:00.000Z"]]);
  expect(checkpoints(catalog, { offset: 1, limit: 1 }).items.length).toBe(1);
  expect(totals(catalog)).toEqual({
    nDatasets: 1,
    nCheckpoints: 2,
    nRuns: 2,
    nOpenRuns: 1,
    nExpected: 4,
    nDone: 2,
    nFailed: 1,
    nReviewed: 1,
    nDiagnostics: 0,
  });
});

Deno.test("cases() of a selection count as they are filtered", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, A, [0.5, 0, 0.7], { dataset: dataset("ecpc") });
  await refresh();
  const scope = { dataset: overview(catalog).items[0]!.dataset.key };
  expect(cases(catalog, scope, { page: { limit: 1 } }).total).toBe(3);
  expect(cases(catalog, scope, { filter: { outcome: "missed" } }).total).toBe(
    1,
  );
  expect(cases(catalog, { dataset: "unknown" }).total).toBe(0);
});
