/** @module Which runs stand for a dataset, a checkpoint and a fold. */
import { expect } from "@std/expect";
import { overview } from "../../../../shared/catalog/queries/overview.ts";
import { runs } from "../../../../shared/catalog/queries/runs.ts";
import { caseOf } from "../../../support/runs.ts";
import {
  compared,
  emptyHome,
  measured,
  putFailure,
  putFinishedRun,
  putResult,
  putRun,
  putSummary,
} from "../homes.ts";
import { A, B, C, checkpoint, dataset } from "./examples.ts";

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
