/** @module The reviews of a run as rows of an export, read a page at a time. */
import type { Catalog } from "../../shared/catalog/open_catalog.ts";
import {
  type ReviewRow,
  reviewsAfter,
} from "../../shared/catalog/queries/reviews.ts";
import type { Cell } from "./csv.ts";
import { type CsvTable, ROWS_AT_ONCE } from "./download.ts";

const COLUMNS = [
  "runId",
  "caseId",
  "reviewer",
  "reviewedAt",
  "verdict",
  "reason",
  "comment",
  "attempt",
  "isOfThisMask",
] as const satisfies readonly (keyof ReviewRow)[];

/** By case and time. */
export function reviewTable(catalog: Catalog, runId: string): CsvTable {
  return { head: COLUMNS, rows: rows(catalog, runId) };
}

function* rows(catalog: Catalog, runId: string): Iterable<Cell[]> {
  let last: ReviewRow | null = null;
  for (;;) {
    const list: ReviewRow[] = reviewsAfter(catalog, runId, last, ROWS_AT_ONCE);
    for (const one of list) yield COLUMNS.map((name) => cellOf(one[name]));
    if (list.length < ROWS_AT_ONCE) return;
    last = list.at(-1)!;
  }
}

function cellOf(value: ReviewRow[keyof ReviewRow]): Cell {
  return typeof value === "boolean" ? String(value) : value;
}
