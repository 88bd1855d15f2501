/** @module Cases that nobody has reviewed yet, in the order in which they deserve it. */
import { z } from "zod";
import type { Catalog } from "../open_catalog.ts";
import { measureId } from "../schema.ts";
import { CASE_COLUMNS, type CaseRow, caseRowOf } from "./case_row.ts";
import { allOf, type Sql, sql, when } from "./condition.ts";
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

/** Only cases of runs over a dataset, or of a checkpoint, by their keys. */
export interface Among {
  readonly dataset?: string | undefined;
  readonly checkpoint?: string | undefined;
}

/** @param scope @default the cases of all runs */
export function reviewQueue(
  catalog: Catalog,
  kind: ReviewQueueKind,
  { scope, among = {}, page = {} }: {
    readonly scope?: Scope;
    readonly among?: Among;
    readonly page?: PageOptions;
  } = {},
): CaseRow[] {
  const { offset, limit } = pageSchema.parse(page);
  const { wanted, order } = KINDS[kind];
  const runs = ofRuns(among);
  const source: Pick<Source, "tables" | "condition"> = scope === undefined
    ? { tables: tablesOf(catalog, kind, runs), condition: sql("1") }
    : sourceOf(catalog, scope);
  const where = allOf([source.condition, runs, sql(wanted)]);
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

/** Runs `r` among those asked for; null: all. */
function ofRuns({ dataset, checkpoint }: Among): Sql | null {
  if (dataset === undefined && checkpoint === undefined) return null;
  return allOf([
    when(
      dataset,
      (key) =>
        sql("r.datasetId = (SELECT id FROM datasets WHERE key = ?)", key),
    ),
    when(
      checkpoint,
      (key) =>
        sql("r.checkpointId = (SELECT id FROM checkpoints WHERE key = ?)", key),
    ),
  ]);
}

/** Below this share of all cases, putting those of the runs in order is faster than finding them along an index. */
const SMALL_SHARE = 0.02;

function tablesOf(
  catalog: Catalog,
  kind: ReviewQueueKind,
  runs: Sql | null,
): Sql {
  if (runs === null) return sql(everything(KINDS[kind].tables));
  const counted = catalog.get(
    `SELECT total(nDone) AS allDone, total(nDone) FILTER (WHERE ${runs.text}) AS done FROM runs r`,
    ...runs.values,
  );
  return Number(counted?.done) >= SMALL_SHARE * Number(counted?.allDone)
    ? sql(everything(KINDS[kind].tables))
    : sql(
      `runs r CROSS JOIN cases c ON c.runId = r.id
       LEFT JOIN measures m ON m.id = ${measureId("c.id", "0")}`,
    );
}

/** The tables in the order of the join: `CROSS` keeps it. */
function everything(measures: string): string {
  return measures === ""
    ? `cases c INDEXED BY casesToReview CROSS JOIN runs r ON r.id = c.runId
       LEFT JOIN measures m ON m.id = ${measureId("c.id", "0")}`
    : `${measures} CROSS JOIN cases c ON c.id = m.caseRow CROSS JOIN runs r ON r.id = c.runId`;
}
