/** @module How the figures of a run are spread. */
import { expect } from "@std/expect";
import { distribution } from "../../../../shared/catalog/queries/distribution.ts";
import { dots } from "../../../../shared/catalog/queries/dots.ts";
import { caseOf } from "../../../support/runs.ts";
import {
  emptyHome,
  measured,
  putFinishedRun,
  putResult,
  putRun,
} from "../homes.ts";
import { A, B, ids } from "./examples.ts";

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
    nAtEachEnd: 0,
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
