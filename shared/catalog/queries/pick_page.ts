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
    : pickByNumber(numbersOf(catalog, from, number), place);
  return picked !== null && picked.ids.length <= MOST_PICKED
    ? picked
    : pickInOrder(catalog, from, text, place);
}

export interface Around {
  /** Of the case, of those right before and after it, and perhaps of others next to them. */
  readonly ids: readonly number[];
  /** How many stand before all of these. */
  readonly nBefore: number;
  /** Of the whole list. */
  readonly total: number;
}

/** The same around a case; null where the list lacks it. */
export function pickAround(
  catalog: Catalog,
  from: Sql,
  { text, number }: CaseOrder,
  id: number,
): Around | null {
  if (number !== null) {
    const numbers = numbersOf(catalog, from, number);
    const own = numbers.keys[numbers.ids.indexOf(id)];
    if (own === undefined) return null;
    const place = placeOfKey(numbers.keys, own);
    const { ids, offset, total } = pickByNumber(numbers, place);
    if (ids.length <= MOST_PICKED) {
      return { ids, nBefore: place.offset - offset, total };
    }
  }
  const ids = idsInOrder(catalog, from, text);
  const index = ids.indexOf(id);
  if (index < 0) return null;
  const { offset, limit } = around(index, 1);
  return {
    ids: ids.slice(offset, offset + limit),
    nBefore: offset,
    total: ids.length,
  };
}

function placeOfKey(keys: Float64Array, own: number): Place {
  let nLower = 0;
  let nSame = 0;
  for (const key of keys) {
    if (key < own) nLower++;
    else if (key === own) nSame++;
  }
  return around(nLower, nSame);
}

/** So many from a place on, and one more on each side. */
function around(first: number, n: number): Place {
  const offset = Math.max(0, first - 1);
  return { offset, limit: first + n + 1 - offset };
}

interface Numbers {
  readonly ids: readonly number[];
  /** The lowest comes first. */
  readonly keys: Float64Array;
}

// Lists come as one text each: a row for each of their entries would take twice as long.

function numbersOf(
  catalog: Catalog,
  from: Sql,
  { column, isAscending }: NonNullable<CaseOrder["number"]>,
): Numbers {
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
  return { ids, keys };
}

function pickByNumber(
  { ids, keys }: Numbers,
  { offset, limit }: Place,
): Picked {
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

function idsInOrder(catalog: Catalog, from: Sql, order: string): number[] {
  const row = catalog.get(
    `SELECT json_group_array(id) AS ids FROM (SELECT c.id FROM ${from.text} ORDER BY ${order})`,
    ...from.values,
  );
  return JSON.parse(String(row?.ids));
}

function pickInOrder(
  catalog: Catalog,
  from: Sql,
  order: string,
  { offset, limit }: Place,
): Picked {
  const ids = idsInOrder(catalog, from, order);
  return {
    ids: ids.slice(offset, offset + limit),
    offset: 0,
    total: ids.length,
  };
}
