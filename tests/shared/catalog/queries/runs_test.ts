/** @module Runs, and what they are of. */
import { expect } from "@std/expect";
import {
  checkpoints,
  datasets,
  totals,
} from "../../../../shared/catalog/queries/lists.ts";
import { overview } from "../../../../shared/catalog/queries/overview.ts";
import { run } from "../../../../shared/catalog/queries/run.ts";
import { runs } from "../../../../shared/catalog/queries/runs.ts";
import { trend } from "../../../../shared/catalog/queries/trend.ts";
import {
  checkpointOf,
  datasetOf,
} from "../../../jobs/evaluation/reevaluate/evaluations.ts";
import { caseOf } from "../../../support/runs.ts";
import {
  compared,
  emptyHome,
  put,
  putFailure,
  putFinishedRun,
  putResult,
  putReview,
  putRun,
} from "../homes.ts";
import { A, B, C, checkpoint, dataset } from "./examples.ts";

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
