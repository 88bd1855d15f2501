import { expect } from "@std/expect";
import {
  type CaseMetrics,
  measureCase,
  measureMask,
} from "../../../shared/metrics/case_metrics.ts";
import { summarise, summarySchema } from "../../../shared/metrics/summary.ts";
import { volume } from "./volumes.ts";

/** A mask of one row of voxels, drawn: `#` inside, `.` outside. */
function row(drawing: string) {
  const data = Uint8Array.from(drawing, (mark) => mark === "#" ? 1 : 0);
  return volume(data, [1, 1, drawing.length]);
}

const OPTIONS = { unit: "unknown", classes: ["background", "tumour"] } as const;

function compared(mask: string, label: string): CaseMetrics {
  return measureCase({ mask: row(mask), label: row(label), ...OPTIONS });
}

const ALL_MEASURED = { nFailed: 0, nMissing: 0 };

Deno.test("summarise() shows beside a distance mean what it leaves out", () => {
  const summary = summarise([
    compared("#...", ".#.."),
    compared("#...", "...#"),
    compared("#...", "..#."),
    compared("....", "#..."),
    compared("#...", "...."),
    compared("....", "...."),
  ], { nFailed: 2, nMissing: 1 });
  expect(summary).toMatchObject({
    nMeasured: 6,
    nFailed: 2,
    nMissing: 1,
    nLabelled: 6,
  });
  const [tumour] = summary.classes;
  expect(tumour).toMatchObject({
    name: "tumour",
    nCompared: 3,
    nMissed: 1,
    nFalseAlarm: 1,
    nBothEmpty: 1,
  });
  expect(tumour?.metrics.hd95Mm).toEqual({
    nCounted: 3,
    nExcluded: 3,
    nMissed: 1,
    nFalseAlarm: 1,
    mean: 2,
    sd: 1,
    median: 2,
  });
  expect(summarySchema.parse(summary)).toEqual(summary);
});

Deno.test("summarise() gives Dice over all cases and over those with tumour", () => {
  const { classes: [tumour] } = summarise([
    compared("##..", "##.."),
    compared("....", "##.."),
    compared("....", "...."),
    compared("#...", "...."),
  ], ALL_MEASURED);
  expect(tumour?.metrics.dice).toMatchObject({
    nCounted: 4,
    nExcluded: 0,
    mean: 0.5,
    median: 0.5,
  });
  expect(tumour?.diceWithTumour).toEqual({
    nCounted: 2,
    nExcluded: 0,
    nMissed: 1,
    nFalseAlarm: 0,
    mean: 0.5,
    sd: Math.SQRT1_2,
    median: 0.5,
  });
});

Deno.test("summarise() takes cases without label into account for what they have", () => {
  const summary = summarise([
    compared("##..", "#..."),
    measureMask({ mask: row("####"), ...OPTIONS }),
  ], ALL_MEASURED);
  const [tumour] = summary.classes;
  expect(summary).toMatchObject({ nMeasured: 2, nLabelled: 1 });
  expect(tumour?.metrics.volumeMl).toMatchObject({ nCounted: 2, mean: 0.003 });
  expect(tumour?.metrics.rvd).toMatchObject({
    nCounted: 1,
    nExcluded: 1,
    mean: 1,
    sd: null,
  });
  expect(tumour?.diceWithTumour.nCounted).toBe(1);
});

Deno.test("summarise() has no statistics where nothing counts", () => {
  const { classes: [tumour] } = summarise(
    [compared("....", "#...")],
    ALL_MEASURED,
  );
  expect(tumour?.metrics.assdMm).toEqual({
    nCounted: 0,
    nExcluded: 1,
    nMissed: 1,
    nFalseAlarm: 0,
    mean: null,
    sd: null,
    median: null,
  });
  expect(tumour?.metrics.suvMax.mean).toBe(null);
});

Deno.test("summarise() of no case still tells how many failed", () => {
  const summary = summarise([], { nFailed: 3, nMissing: 4 });
  expect(summary).toEqual({
    nMeasured: 0,
    nFailed: 3,
    nMissing: 4,
    nLabelled: 0,
    classes: [],
  });
});

Deno.test("summarise() refuses cases of different classes", () => {
  const other = measureMask({
    mask: row("..#."),
    unit: "unknown",
    classes: ["background", "lesion"],
  });
  expect(() => summarise([compared("#", "#"), other], ALL_MEASURED)).toThrow(
    "different classes: tumour and lesion",
  );
});
