/** @module The cases of a run as rows of an export, read a page at a time. */
import { FIGURES } from "../../shared/catalog/figures.ts";
import type { Catalog } from "../../shared/catalog/open_catalog.ts";
import type { CaseRow } from "../../shared/catalog/queries/case_row.ts";
import { casesAfter } from "../../shared/catalog/queries/cases_after.ts";
import type { Cell } from "./csv.ts";
import { type CsvTable, ROWS_AT_ONCE } from "./download.ts";

/** Each case once per class, classes one after the other. */
export function* exportedCases(
  catalog: Catalog,
  { runId, classes }: {
    readonly runId: string;
    readonly classes: readonly string[];
  },
): Iterable<CaseRow> {
  for (const classIndex of classes.keys()) {
    let last = "";
    for (;;) {
      const rows = casesAfter(
        catalog,
        { runId, classIndex },
        last,
        ROWS_AT_ONCE,
      );
      yield* rows;
      if (rows.length < ROWS_AT_ONCE) break;
      last = rows.at(-1)!.caseId;
    }
  }
}

export function caseTable(
  catalog: Catalog,
  run: Parameters<typeof exportedCases>[1],
): CsvTable {
  return { head: HEAD, rows: rows(catalog, run) };
}

function* rows(...of: Parameters<typeof exportedCases>): Iterable<Cell[]> {
  for (const row of exportedCases(...of)) yield cellsOf(row);
}

/** Heads of {@linkcode cellsOf}; units stand in names. */
const HEAD: readonly string[] = [
  "runId",
  "caseId",
  "patientId",
  "fold",
  "class",
  "state",
  "outcome",
  "seen",
  ...FIGURES,
  "seconds",
  "endedAt",
  "verdict",
  "reviews",
  "failureKind",
  "failure",
  "damage",
];

function cellsOf(row: CaseRow): Cell[] {
  return [
    row.runId,
    row.caseId,
    row.patientId,
    row.fold,
    row.className,
    row.state,
    row.outcome,
    row.seen,
    ...FIGURES.map((figure) => measure(row.figures?.[figure])),
    measure(row.seconds),
    row.endedAt,
    row.verdict,
    row.nReviews,
    row.failure?.kind,
    row.failure?.message,
    row.damage,
  ];
}

/** Digits of a measure that mean anything. */
const DIGITS = 6;

/** A number as a spreadsheet is to show it, with all digits before the point; the JSON export has all of them. */
export function measure(
  value: number | null | undefined,
): number | null | undefined {
  if (typeof value !== "number" || Number.isInteger(value)) return value;
  const before = Math.trunc(Math.abs(value)).toString().length;
  return Number(value.toPrecision(Math.max(DIGITS, before)));
}
