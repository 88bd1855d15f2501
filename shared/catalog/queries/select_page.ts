/** @module A page of what a query finds, and how much it finds altogether. */
import type { Catalog, Row } from "../open_catalog.ts";
import type { Sql } from "./condition.ts";
import { type Page, type PageOptions, pageSchema } from "./page.ts";

export interface Selected<T> {
  readonly columns: string;
  /** What stands after `FROM`: tables, `WHERE`, and the condition on them. */
  readonly from: Sql;
  /** The column that tells rows apart; where it is given, columns are worked out for the rows of the page alone. */
  readonly id?: string;
  /** What stands after `ORDER BY`; leaves no two rows undecided. */
  readonly order: string;
  readonly page: PageOptions | undefined;
  rowOf(row: Row): T;
}

export function selectPage<T>(
  catalog: Catalog,
  { columns, from, id, order, page = {}, rowOf }: Selected<T>,
): Page<T> {
  const { offset, limit } = pageSchema.parse(page);
  const ordered = `FROM ${from.text} ORDER BY ${order} LIMIT ? OFFSET ?`;
  const items = catalog.all(
    id === undefined
      ? `SELECT ${columns} ${ordered}`
      : `SELECT ${columns} FROM ${from.text} AND ${id} IN (SELECT ${id} ${ordered}) ORDER BY ${order}`,
    ...(id === undefined ? [] : from.values),
    ...from.values,
    limit,
    offset,
  ).map(rowOf);
  const counted = catalog.get(
    `SELECT count(*) AS total FROM ${from.text}`,
    ...from.values,
  );
  return { items, total: Number(counted?.total), offset, limit };
}
