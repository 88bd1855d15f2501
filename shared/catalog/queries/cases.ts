/** @module Lists of cases. */
import type { z } from "zod";
import type { Catalog } from "../open_catalog.ts";
import { measureId } from "../schema.ts";
import {
  type CaseFilter,
  type CaseOrder,
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
import { allOf, type Sql } from "./condition.ts";
import { type Page, pageOf, type PageOptions, pageSchema } from "./page.ts";
import { pickPage } from "./pick_page.ts";
import { type Scope, type Source, sourceOf } from "./scope.ts";

export const casePageSchema = pageOf(caseRowSchema);

export interface CaseListing {
  readonly filter?: CaseFilter;
  /** @default the worst first */
  readonly sort?: CaseSort;
}

/** From here on, rows that come before a page are not walked through in full. */
const FAR = 1000;

/** A page of cases; none where the scope names nothing that is known. */
export function cases(
  catalog: Catalog,
  scope: Scope,
  { filter = {}, sort, page = {} }: CaseListing & {
    readonly page?: PageOptions;
  } = {},
): Page<CaseRow> {
  const { offset, limit } = pageSchema.parse(page);
  const source = sourceOf(catalog, scope);
  const order = orderOf(sort);
  const from = listed(source, filter, order);
  const isFiltered = Object.values(filter).some((wanted) =>
    wanted !== undefined
  );
  if (isFiltered || offset >= FAR) {
    const { ids, total, ...place } = pickPage(catalog, from, order, {
      offset,
      limit,
    });
    const items = rowsOf(catalog, source, order.text, pickedOf(source, ids), {
      ...place,
      limit,
    });
    return { items, total, offset, limit };
  }
  const items = rowsOf(catalog, source, order.text, from, { offset, limit });
  const { text, values } = source.counted;
  const total = Number(catalog.get(text, ...values)?.total);
  return { items, total, offset, limit };
}

/** What stands after `FROM` for a whole list. */
export function listed(
  { condition, tables, cases }: Source,
  filter: CaseFilter,
  { needsFigures }: CaseOrder,
): Sql {
  const { text, values } = allOf([condition, filterOf(filter)]);
  const isOfFigures = needsFigures || filter.outcome !== undefined;
  return { text: `${isOfFigures ? tables.text : cases} WHERE ${text}`, values };
}

/** What stands there for the cases whose rows have these ids. */
export function pickedOf(
  { picked, figures, condition }: Source,
  ids: readonly number[],
): Sql {
  return {
    text: `${picked} ${figures} WHERE ${condition.text}`,
    values: [JSON.stringify(ids), ...condition.values],
  };
}

/** Puts all in order by what that takes, and looks only at those of the page in full. */
function rowsOf(
  catalog: Catalog,
  { classIndex }: Source,
  order: string,
  from: Sql,
  { offset, limit }: z.output<typeof pageSchema>,
): CaseRow[] {
  return catalog.all(
    `SELECT ${CASE_COLUMNS}
     FROM (SELECT c.id, ${classIndex} AS classIndex FROM ${from.text} ORDER BY ${order} LIMIT ? OFFSET ?) AS chosen
     JOIN cases c ON c.id = chosen.id JOIN runs r ON r.id = c.runId
     LEFT JOIN measures m ON m.id = ${
      measureId("chosen.id", "chosen.classIndex")
    }
     ORDER BY ${order}`,
    ...from.values,
    limit,
    offset,
  ).map(caseRowOf);
}
