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
  const { tables, condition } = sourceOf(catalog, scope);
  const where = allOf([condition, filterOf(filter)]);
  const values = [...tables.values, ...where.values];
  const items = catalog.all(
    `SELECT ${CASE_COLUMNS} FROM ${tables.text} WHERE ${where.text}
     ORDER BY ${orderOf(sort)} LIMIT ? OFFSET ?`,
    ...values,
    limit,
    offset,
  ).map(caseRowOf);
  const counted = catalog.get(
    `SELECT count(*) AS total FROM ${tables.text} WHERE ${where.text}`,
    ...values,
  );
  return { items, total: Number(counted?.total), offset, limit };
}
