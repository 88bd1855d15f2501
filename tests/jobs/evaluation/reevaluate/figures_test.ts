import { expect } from "@std/expect";
import { figuresOf } from "../../../../jobs/evaluation/reevaluate/figures.ts";
import type { CaseMetrics } from "../../../../shared/metrics/case_metrics.ts";
import { measureCase } from "../../../../shared/metrics/case_metrics.ts";
import { meanDice } from "../../../../shared/metrics/compare.ts";
import { summarise } from "../../../../shared/metrics/summary.ts";
import type { RunSummary } from "../../../../shared/runs/records.ts";
import { volume } from "../../../shared/metrics/volumes.ts";

function measured(mask: string, label: string) {
  const row = (drawing: string) =>
    volume(Uint8Array.from(drawing, Number), [1, 1, drawing.length]);
  return measureCase({
    mask: row(mask),
    label: row(label),
    unit: "unknown",
    classes: ["background", "liver", "tumour"],
  });
}

function summaryOf(cases: readonly CaseMetrics[]): RunSummary {
  return {
    format: 1,
    runId: "r",
    writtenAt: "2026-01-01T00:00:00.000Z",
    coverage: {
      expected: cases.length,
      done: cases.length,
      failed: 0,
      missing: 0,
    },
    failures: [],
    metrics: summarise(cases, { nFailed: 0, nMissing: 0 }),
  };
}

Deno.test("figuresOf() counts a miss as Dice 0 and leaves it out of HD95, over cases and classes", () => {
  const cases = [
    measured("1102", "1102"),
    measured("1100", "1002"),
  ];
  const figures = figuresOf(summaryOf(cases));
  // Liver 1 and 2/3, tumour 1 and 0 (missed); HD95 of three, one of them a voxel off.
  expect(figures.n).toBe(2);
  expect(figures.meanDice).toBeCloseTo((1 + 2 / 3 + 1 + 0) / 4, 12);
  expect(figures.meanDice).toBeCloseTo(
    meanDice(cases.map((metrics) => ({ metrics })))!,
    12,
  );
  expect(figures.nHd95).toBe(3);
  expect(figures.hd95Mm).toBeGreaterThan(0);
});

Deno.test("figuresOf() has no mean where there is no case", () => {
  expect(figuresOf(summaryOf([])))
    .toEqual({ n: 0, meanDice: null, hd95Mm: null, nHd95: 0 });
});
