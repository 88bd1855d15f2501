/** @module Lists of cases. */
import type { Catalog } from "../open_catalog.ts";
import {
  type CaseFilter,
  type CaseSort,
  filterOf,
  orderOf,
} from "./case_order.ts";
import {
  CASE_COLUMNS,
  type CaseRow,
  caseRowOf,
  caseRowSchema,
} from "./case_row.ts";
import { allOf } from "./condition.ts";
import { type Page, pageOf, type PageOptions, pageSchema } from "./page.ts";
import { type Scope, sourceOf } from "./scope.ts";

export const casePageSchema = pageOf(caseRowSchema);

export interface CaseListing {
  readonly filter?: CaseFilter;
  /** @default the worst first */
  readonly sort?: CaseSort;
}

/** A page of cases; none where the scope names nothing that is known. */
export function cases(
  catalog: Catalog,
  scope: Scope,
  { filter = {}, sort, page = {} }: CaseListing & {
    readonly page?: PageOptions;
  } = {},
): Page<CaseRow> {
  const { offset, limit } = pageSchema.parse(page);
  const { tables, condition, counted } = sourceOf(catalog, scope);
  const where = allOf([condition, filterOf(filter)]);
  const from = `${tables.text} WHERE ${where.text}`;
  const values = [...tables.values, ...where.values];
  const order = orderOf(sort);
  // Puts all in order by what that takes, and looks only at those of the page in full.
  const items = catalog.all(
    `SELECT ${CASE_COLUMNS}
     FROM (SELECT c.id, m.classIndex FROM ${from} ORDER BY ${order} LIMIT ? OFFSET ?) AS chosen
     JOIN cases c ON c.id = chosen.id JOIN runs r ON r.id = c.runId
     LEFT JOIN measures m ON m.caseRow = c.id AND m.classIndex = chosen.classIndex
     ORDER BY ${order}`,
    ...values,
    limit,
    offset,
  ).map(caseRowOf);
  const isFiltered = Object.values(filter).some((wanted) =>
    wanted !== undefined
  );
  const count = isFiltered
    ? catalog.get(`SELECT count(*) AS total FROM ${from}`, ...values)
    : catalog.get(counted.text, ...counted.values);
  return { items, total: Number(count?.total), offset, limit };
}
