/** @module How checkpoints do over time. */
import { expect } from "@std/expect";
import { compareRuns } from "../../../../shared/catalog/queries/compare_runs.ts";
import { overview } from "../../../../shared/catalog/queries/overview.ts";
import { trend } from "../../../../shared/catalog/queries/trend.ts";
import { compareCases } from "../../../../shared/metrics/compare.ts";
import { checkpointOf } from "../../../jobs/evaluation/reevaluate/evaluations.ts";
import { caseOf, runOf } from "../../../support/runs.ts";
import {
  compared,
  comparedClasses,
  emptyHome,
  put,
  putFinishedRun,
  putResult,
  putRun,
} from "../homes.ts";
import { A, B, C, checkpoint, dataset, putWorse } from "./examples.ts";

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
