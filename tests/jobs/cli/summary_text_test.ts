import { expect } from "@std/expect";
import { digits, summaryText } from "../../../jobs/cli/summary_text.ts";
import type {
  CaseMetrics,
  ComparedClassMetrics,
} from "../../../shared/metrics/case_metrics.ts";
import { summarise } from "../../../shared/metrics/summary.ts";
import type { Failure } from "../../../shared/runs/records.ts";
import { resultOf } from "../../support/runs.ts";

const PET = {
  mtvMl: 0,
  suvMax: null,
  suvMean: null,
  suvPeak: null,
  tlgSuvMl: null,
};

function compared(
  change: Partial<ComparedClassMetrics> = {},
): CaseMetrics {
  return {
    labelled: true,
    unit: "unknown",
    classes: [{
      name: "tumour",
      outcome: "compared",
      volumeMl: 12,
      referenceVolumeMl: 10,
      dice: 0.8,
      iou: 2 / 3,
      sensitivity: 0.88,
      precision: 0.73,
      hd95Mm: 4,
      hdMm: 8,
      assdMm: 1.25,
      nsd2mm: 0.9,
      rvd: 0.2,
      lesions: {
        predictedCount: 4,
        referenceCount: 3,
        recall: 2 / 3,
        precision: 0.5,
        falsePositiveMl: 1,
        falseNegativeMl: 0.5,
        reference: [],
        predicted: [],
      },
      pet: PET,
      ...change,
    }],
  };
}

const NO_DISTANCE = { hd95Mm: null, hdMm: null, assdMm: null, nsd2mm: null };
const MISSED = compared({
  outcome: "missed",
  dice: 0,
  volumeMl: 0,
  rvd: 1,
  ...NO_DISTANCE,
});
const FALSE_ALARM = compared({
  outcome: "falseAlarm",
  dice: 0,
  referenceVolumeMl: 0,
  rvd: null,
  ...NO_DISTANCE,
});
const NO_TUMOUR = compared({
  outcome: "bothEmpty",
  dice: 1,
  volumeMl: 0,
  referenceVolumeMl: 0,
  rvd: null,
  ...NO_DISTANCE,
});

function textOf(
  cases: Readonly<Record<string, CaseMetrics>>,
  failures: readonly string[] = [],
  missing = 0,
): string {
  const results = Object.entries(cases).map(([caseId, metrics]) =>
    resultOf(caseId, "1", { metrics })
  );
  const failed = failures.length;
  return summaryText({
    format: 1,
    runId: "r",
    writtenAt: "2026-01-02T03:04:05.000Z",
    coverage: {
      expected: results.length + failed + missing,
      done: results.length,
      failed,
      missing,
    },
    failures: failures.map((message): Failure => ({
      format: 1,
      runId: "r",
      caseId: "f",
      round: 0,
      attempt: "1",
      codeVersion: "0",
      failedAt: "2026-01-02T03:04:05.000Z",
      kind: "voxels",
      stage: "read",
      message,
    })),
    metrics: summarise(results.map(({ metrics }) => metrics), {
      nFailed: failed,
      nMissing: missing,
    }),
  }, results);
}

/** The cells of the row that starts with a text. */
function row(text: string, start: string): string[] {
  const lines = text.split("\n").filter((line) => line.includes("│"));
  const cells = lines.map((line) =>
    line.split("│").slice(1, -1).map((cell) => cell.trim())
  );
  const found = cells.find(([first]) => first === start);
  if (found === undefined) throw new Error(`no row "${start}" in:\n${text}`);
  return found;
}

Deno.test("summaryText() has a row per case, in the order of the columns' names", () => {
  const text = textOf({ a: compared() });
  expect(row(text, "Case")).toEqual([
    ...["Case", "Class", "Dice", "HD95 mm", "ASSD mm", "|RVD|"],
    ...["Mask ml", "Label ml", "Lesions found", "False lesions", ""],
  ]);
  expect(row(text, "a")).toEqual([
    ...["a", "tumour", "0.800", "4.0", "1.3", "0.20"],
    ...["12.0", "10.0", "2 of 3", "2", ""],
  ]);
});

Deno.test("summaryText() marks missed, false-alarm and tumour-free cases, and dashes what is undefined", () => {
  const text = textOf({ m: MISSED, f: FALSE_ALARM, n: NO_TUMOUR });
  expect(row(text, "m").slice(2, 6)).toEqual(["0.000", "-", "-", "1.00"]);
  expect(row(text, "m").at(-1)).toBe("missed");
  expect(row(text, "f").slice(2, 6)).toEqual(["0.000", "-", "-", "-"]);
  expect(row(text, "f").at(-1)).toBe("false alarm");
  expect(row(text, "n").slice(2, 6)).toEqual(["1.000", "-", "-", "-"]);
  expect(row(text, "n").at(-1)).toBe("no tumour");
});

Deno.test("summaryText() never shows a mean without how many it counts, leaves out and missed", () => {
  const text = textOf({
    a: compared(),
    b: compared({ dice: 0.4, hd95Mm: 12 }),
    m: MISSED,
    f: FALSE_ALARM,
    n: NO_TUMOUR,
  });
  const head = "tumour, 5 labelled cases";
  expect(row(text, head)).toEqual([
    ...[head, "Mean", "SD", "Median", "n counted", "n excluded", "n missed"],
  ]);
  // (0.8 + 0.4 + 0 + 0 + 1) / 5; with tumour (0.8 + 0.4 + 0) / 3
  expect(row(text, "Dice, all cases")).toEqual([
    ...["Dice, all cases", "0.440", "0.456", "0.400", "5", "0", "1"],
  ]);
  expect(row(text, "Dice, cases with tumour")).toEqual([
    ...["Dice, cases with tumour", "0.400", "0.400", "0.400", "3", "0", "1"],
  ]);
  expect(row(text, "HD95 mm")).toEqual([
    ...["HD95 mm", "8.0", "5.7", "8.0", "2", "3", "1"],
  ]);
});

Deno.test("summaryText() lists failures as sentences, and what is missing, in its last line", () => {
  const text = textOf(
    { a: compared() },
    ['Cannot read case "f": it is empty'],
    2,
  );
  expect(text.split("\n").slice(-2)).toEqual([
    'Cannot read case "f": it is empty',
    "4 cases expected: 1 done, 1 failed, 2 missing",
  ]);
});

Deno.test("summaryText() shows volumes and lesions of cases without a label, and no means", () => {
  const text = textOf({
    a: {
      labelled: false,
      unit: "unknown",
      classes: [{
        name: "tumour",
        volumeMl: 3.25,
        lesions: { predictedCount: 2, predicted: [] },
        pet: PET,
      }],
    },
  });
  expect(row(text, "a")).toEqual([
    ...["a", "tumour", "-", "-", "-", "-", "3.3", "-", "2", "-", ""],
  ]);
  expect(text).not.toContain("Mean");
});

Deno.test("summaryText() shows control characters of names, and no line that one made", () => {
  const evil = "a\x1b[2J\n9 cases expected";
  const text = textOf({ [evil]: compared() }, [evil]);
  expect(text).not.toContain("\x1b");
  expect(row(text, "a\\x1b[2J\\n9 cases expected")[1]).toBe("tumour");
  expect(text.split("\n").slice(-2)).toEqual([
    "a\\x1b[2J\\n9 cases expected",
    "2 cases expected: 1 done, 1 failed, 0 missing",
  ]);
});

Deno.test("summaryText() says so when nothing was measured", () => {
  expect(textOf({}, [], 3)).toBe(
    "3 cases expected: 0 done, 0 failed, 3 missing",
  );
});

Deno.test("digits() rounds, and dashes null and undefined", () => {
  expect(digits(0.4567, 2)).toBe("0.46");
  expect(digits(null, 2)).toBe("-");
  expect(digits(undefined, 2)).toBe("-");
});
