/** @module Cases that nobody has reviewed yet, in the order in which they deserve it. */
import { z } from "zod";
import type { Catalog } from "../open_catalog.ts";
import { measureId } from "../schema.ts";
import { CASE_COLUMNS, type CaseRow, caseRowOf } from "./case_row.ts";
import { allOf, sql } from "./condition.ts";
import { type PageOptions, pageSchema } from "./page.ts";
import { type Scope, type Source, sourceOf } from "./scope.ts";

/** `newest`: those of the newest runs first, with or without label. */
export const reviewQueueKindSchema = z.enum([
  "lowestDice",
  "largestVolumeError",
  "newest",
]);
export type ReviewQueueKind = z.infer<typeof reviewQueueKindSchema>;

/** How a queue is walked: over all runs along an index, so that its first page does not depend on how many cases there are. */
const KINDS: Readonly<
  Record<
    ReviewQueueKind,
    { readonly tables: string; readonly wanted: string; readonly order: string }
  >
> = Object.freeze({
  lowestDice: {
    tables: "measures m INDEXED BY measuresLowestDice",
    wanted: "m.dice IS NOT NULL AND m.isReviewed = 0",
    order: "m.dice",
  },
  largestVolumeError: {
    tables: "measures m INDEXED BY measuresVolumeError",
    wanted: "m.volumeErrorMl IS NOT NULL AND m.isReviewed = 0",
    order: "m.volumeErrorMl DESC",
  },
  newest: {
    tables: "",
    wanted: "c.state = 'done' AND c.verdict IS NULL",
    order: "c.id DESC",
  },
});

/** @param scope @default the cases of all runs */
export function reviewQueue(
  catalog: Catalog,
  kind: ReviewQueueKind,
  { scope, page = {} }: {
    readonly scope?: Scope;
    readonly page?: PageOptions;
  } = {},
): CaseRow[] {
  const { offset, limit } = pageSchema.parse(page);
  const { tables, wanted, order } = KINDS[kind];
  const source: Pick<Source, "tables" | "condition"> = scope === undefined
    ? { tables: sql(everything(tables)), condition: sql("1") }
    : sourceOf(catalog, scope);
  const where = allOf([source.condition, sql(wanted)]);
  const sorted = scope === undefined
    ? order
    : kind === "newest"
    ? "r.createdAt DESC, c.caseId"
    : `${order}, c.caseId, r.folder`;
  return catalog.all(
    `SELECT ${CASE_COLUMNS} FROM ${source.tables.text} WHERE ${where.text} ORDER BY ${sorted} LIMIT ? OFFSET ?`,
    ...source.tables.values,
    ...where.values,
    limit,
    offset,
  ).map(caseRowOf);
}

/** The tables in the order of the join: `CROSS` keeps it. */
function everything(measures: string): string {
  return measures === ""
    ? `cases c INDEXED BY casesToReview CROSS JOIN runs r ON r.id = c.runId
       LEFT JOIN measures m ON m.id = ${measureId("c.id", "0")}`
    : `${measures} CROSS JOIN cases c ON c.id = m.caseRow CROSS JOIN runs r ON r.id = c.runId`;
}
