/**
 * Results as a table that people can read: one row per case and class, the summary below, and last
 * the line that says whether every expected case is there.
 * @module
 */
import Table from "cli-table3";
import type { ClassSummary, Statistics } from "../../shared/metrics/summary.ts";
import { printableLine, printableMessage, printableText } from "./printable.ts";
import type { Damage, Result, RunSummary } from "../../shared/runs/records.ts";

/** A number with so many digits, or a dash where it is undefined. */
export function digits(value: number | null | undefined, count: number) {
  return value === null || value === undefined ? "-" : value.toFixed(count);
}

type Cell = string | number | undefined;

/** A table that rows are added to. */
export interface TextTable {
  push(...rows: readonly (readonly Cell[])[]): void;
  toString(): string;
}

/** A table without colours: it may be piped into a file. Numbers stand right of the left columns. */
export function plainTable(
  head: readonly string[],
  { leftColumns = 1, widths }: {
    leftColumns?: number;
    widths?: readonly (number | null)[];
  } = {},
): TextTable {
  const table = new Table({
    head: head.map(printableText),
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, column) => column < leftColumns ? "left" : "right"),
    ...(widths === undefined ? {} : { colWidths: [...widths], wordWrap: true }),
  });
  return {
    push(...rows) {
      table.push(...rows.map((row) => row.map(printableCell)));
    },
    toString: () => table.toString(),
  };
}

function printableCell(cell: Cell): Cell {
  return typeof cell === "string" ? printableText(cell) : cell;
}

/** More sentences than these are not read by anybody. */
const MOST_DAMAGE_SHOWN = 10;

/**
 * The results of a run as text.
 *
 * @param damaged cases that were found not to stand as they were committed, beside those that the summary names
 */
export function summaryText(
  summary: RunSummary,
  results: readonly Result[],
  damaged: readonly string[] = [],
): string {
  const parts: string[] = [];
  if (results.length > 0) parts.push(caseTable(results));
  const { metrics, coverage, failures, damaged: told = [] } = summary;
  if (metrics.nLabelled > 0) {
    parts.push(
      ...metrics.classes.map((of) => classText(of, metrics.nLabelled)),
    );
  }
  if (failures.length > 0) {
    parts.push(
      failures.map(({ message }) => printableMessage(message)).join("\n"),
    );
  }
  const { expected, done, failed, damaged: bad = 0, missing } = coverage;
  parts.push(
    `${expected} cases expected: ${done} done, ${failed} failed, ${
      bad > 0 ? `${bad} damaged, ` : ""
    }${missing} missing`,
  );
  const ids = new Set([...told.map(({ caseId }) => caseId), ...damaged]);
  if (ids.size > 0) {
    parts.push(
      `${ids.size} of the recorded cases no longer stand as they were committed: ${
        [...ids].map(printableLine).join(", ")
      }`,
      ...damageLines(told),
    );
  }
  return parts.join("\n");
}

/** What is damaged and what to do about it, a line for each of the first cases. */
export function damageLines(damaged: readonly Damage[]): string[] {
  const lines = damaged.slice(0, MOST_DAMAGE_SHOWN)
    .map(({ problem }) => `  ${printableLine(problem)}`);
  const more = damaged.length - lines.length;
  if (more > 0) lines.push(`  ... and ${more} more: summary.json has them`);
  return lines;
}

function caseTable(results: readonly Result[]): string {
  const table = plainTable([
    "Case",
    "Class",
    "Dice",
    "HD95 mm",
    "ASSD mm",
    "|RVD|",
    "Mask ml",
    "Label ml",
    "Lesions found",
    "False lesions",
    "",
  ], { leftColumns: 2 });
  for (const { caseId, metrics } of results) {
    for (const [index, of] of metrics.classes.entries()) {
      const compared = metrics.labelled ? metrics.classes[index] : undefined;
      table.push([
        printableLine(caseId),
        of.name,
        digits(compared?.dice, 3),
        digits(compared?.hd95Mm, 1),
        digits(compared?.assdMm, 1),
        digits(compared?.rvd, 2),
        digits(of.volumeMl, 1),
        digits(compared?.referenceVolumeMl, 1),
        lesionsText(of.lesions.predictedCount, compared?.lesions),
        compared === undefined ? "-" : falseLesions(compared.lesions),
        OUTCOMES[compared?.outcome ?? "compared"],
      ]);
    }
  }
  return table.toString();
}

const OUTCOMES = {
  compared: "",
  bothEmpty: "no tumour",
  missed: "missed",
  falseAlarm: "false alarm",
} as const;

function lesionsText(
  predictedCount: number,
  compared: { recall: number | null; referenceCount: number } | undefined,
): string {
  if (compared === undefined) return String(predictedCount);
  const found = Math.round((compared.recall ?? 0) * compared.referenceCount);
  return `${found} of ${compared.referenceCount}`;
}

function falseLesions(
  { precision, predictedCount }: {
    precision: number | null;
    predictedCount: number;
  },
): number {
  return Math.round((1 - (precision ?? 1)) * predictedCount);
}

function classText(of: ClassSummary, nLabelled: number): string {
  const { dice, hd95Mm, assdMm, rvd } = of.metrics;
  const table = plainTable([
    `${of.name}, ${nLabelled} labelled cases`,
    "Mean",
    "SD",
    "Median",
    "n counted",
    "n excluded",
    "n missed",
  ]);
  const row = (name: string, s: Statistics, count: number) =>
    table.push([
      name,
      digits(s.mean, count),
      digits(s.sd, count),
      digits(s.median, count),
      s.nCounted,
      s.nExcluded,
      s.nMissed,
    ]);
  row("Dice, all cases", dice, 3);
  row("Dice, cases with tumour", of.diceWithTumour, 3);
  row("HD95 mm", hd95Mm, 1);
  row("ASSD mm", assdMm, 1);
  row("|RVD|", rvd, 2);
  return table.toString();
}
