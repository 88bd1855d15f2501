/**
 * Finds what is on a page of a long list that is narrowed, or far down, and how long the list is, in one walk: by the
 * one number that decides first where there is such a one, which takes less time than putting whole rows in order.
 * @module
 */
import type { Catalog } from "../open_catalog.ts";
import type { CaseOrder } from "./case_order.ts";
import type { Sql } from "./condition.ts";

export interface Picked {
  /** Rows of cases: those of the page, and perhaps others that have the same number as its first or last one. */
  readonly ids: readonly number[];
  /** Where among them, once they are in order, the page begins. */
  readonly offset: number;
  /** Of the whole list. */
  readonly total: number;
}

interface Place {
  readonly offset: number;
  readonly limit: number;
}

/** Where more have the same number, it decides too little. */
const MOST_PICKED = 2000;

/** @param from tables and condition */
export function pickPage(
  catalog: Catalog,
  from: Sql,
  { text, number }: CaseOrder,
  place: Place,
): Picked {
  const picked = number === null
    ? null
    : pickByNumber(catalog, from, number, place);
  return picked !== null && picked.ids.length <= MOST_PICKED
    ? picked
    : pickInOrder(catalog, from, text, place);
}

// Lists come as one text each: a row for each of their entries would take twice as long.

function pickByNumber(
  catalog: Catalog,
  from: Sql,
  { column, isAscending }: NonNullable<CaseOrder["number"]>,
  { offset, limit }: Place,
): Picked {
  // Numbers are rounded in the text, which keeps their order.
  const row = catalog.get(
    `SELECT json_group_array(${column}) AS numbers, json_group_array(c.id) AS ids FROM ${from.text}`,
    ...from.values,
  );
  const ids: number[] = JSON.parse(String(row?.ids));
  const numbers: (number | null)[] = JSON.parse(String(row?.numbers));
  const keys = new Float64Array(numbers.length);
  for (const [n, number] of numbers.entries()) {
    keys[n] = number === null ? Infinity : isAscending ? number : -number;
  }
  const total = keys.length;
  if (offset >= total) return { ids: [], offset: 0, total };
  const sorted = keys.slice().sort();
  const first = sorted[offset]!;
  const last = sorted[Math.min(offset + limit, total) - 1]!;
  return {
    ids: ids.filter((_, n) => keys[n]! >= first && keys[n]! <= last),
    offset: offset - sorted.indexOf(first),
    total,
  };
}

function pickInOrder(
  catalog: Catalog,
  from: Sql,
  order: string,
  { offset, limit }: Place,
): Picked {
  const row = catalog.get(
    `SELECT json_group_array(id) AS ids FROM (SELECT c.id FROM ${from.text} ORDER BY ${order})`,
    ...from.values,
  );
  const ids: number[] = JSON.parse(String(row?.ids));
  return {
    ids: ids.slice(offset, offset + limit),
    offset: 0,
    total: ids.length,
  };
}
