/** @module The reviews of a run as rows of an export, read a page at a time. */
import type { Catalog } from "../../shared/catalog/open_catalog.ts";
import { MOST_PER_PAGE } from "../../shared/catalog/queries/page.ts";
import {
  type ReviewRow,
  reviews,
} from "../../shared/catalog/queries/reviews.ts";
import type { Cell } from "./csv.ts";
import type { CsvTable } from "./download.ts";

const COLUMNS = [
  "runId",
  "caseId",
  "reviewer",
  "reviewedAt",
  "verdict",
  "reason",
  "comment",
] as const satisfies readonly (keyof ReviewRow)[];

/** By case and time. */
export function reviewTable(catalog: Catalog, runId: string): CsvTable {
  return { head: COLUMNS, rows: rows(catalog, runId) };
}

function* rows(catalog: Catalog, runId: string): Iterable<Cell[]> {
  for (let offset = 0;; offset += MOST_PER_PAGE) {
    const list = reviews(catalog, runId, { offset, limit: MOST_PER_PAGE });
    for (const one of list.items) yield COLUMNS.map((name) => one[name]);
    if (offset + MOST_PER_PAGE >= list.total) return;
  }
}
