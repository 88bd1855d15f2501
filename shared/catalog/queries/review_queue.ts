/**
 * Cases whose mask nobody has reviewed yet, in the order in which they deserve it: each once, with the figures of its
 * worst class. What a queue is narrowed to does not change its order.
 * @module
 */
import { z } from "zod";
import type { Catalog } from "../open_catalog.ts";
import { measureId } from "../schema.ts";
import { CASE_COLUMNS, type CaseRow, caseRowOf } from "./case_row.ts";
import { allOf, holds, type Sql, sql, when } from "./condition.ts";
import { type PageOptions, pageSchema } from "./page.ts";

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
    {
      readonly index: string;
      readonly wanted: string;
      readonly order: string;
      /** Of the worst class. */
      readonly classIndex: string;
    }
  >
> = Object.freeze({
  lowestDice: {
    index: "casesLowestDice",
    wanted: "c.worstDice IS NOT NULL AND c.verdict IS NULL",
    order: "c.worstDice, c.id",
    classIndex: "c.worstDiceClass",
  },
  largestVolumeError: {
    index: "casesVolumeError",
    wanted: "c.worstVolumeErrorMl IS NOT NULL AND c.verdict IS NULL",
    order: "c.worstVolumeErrorMl DESC, c.id",
    classIndex: "c.worstVolumeErrorClass",
  },
  newest: {
    index: "casesNewest",
    wanted: "c.state = 'done' AND c.verdict IS NULL",
    order: "c.runId DESC, c.id",
    classIndex: "ifnull(c.worstDiceClass, 0)",
  },
});

/** Only cases of a run, by the name of its folder, or of runs over a dataset, or of a checkpoint, by their keys. */
export interface Among {
  readonly run?: string | undefined;
  readonly dataset?: string | undefined;
  readonly checkpoint?: string | undefined;
  /** Part of the case's or the patient's id, in any case of letters. */
  readonly search?: string | undefined;
}

/** @param among @default the cases of all runs */
export function reviewQueue(
  catalog: Catalog,
  kind: ReviewQueueKind,
  { among = {}, page = {} }: {
    readonly among?: Among;
    readonly page?: PageOptions;
  } = {},
): CaseRow[] {
  const { offset, limit } = pageSchema.parse(page);
  const { index, wanted, order, classIndex } = KINDS[kind];
  const runs = ofRuns(among);
  const named = when(
    among.search,
    (text) => holds(text, ["c.caseId", "c.patientId"]),
  );
  const where = allOf([runs, sql(wanted), named]);
  // `CROSS` keeps the order of the join.
  const cases = runs !== null && isSmallShare(catalog, runs)
    ? "runs r CROSS JOIN cases c ON c.runId = r.id"
    : `cases c INDEXED BY ${index} CROSS JOIN runs r ON r.id = c.runId`;
  return catalog.all(
    `SELECT ${CASE_COLUMNS} FROM ${cases} LEFT JOIN measures m ON m.id = ${
      measureId("c.id", classIndex)
    } WHERE ${where.text} ORDER BY ${order} LIMIT ? OFFSET ?`,
    ...where.values,
    limit,
    offset,
  ).map(caseRowOf);
}

/** Runs `r` among those asked for; null: all. */
function ofRuns({ run, dataset, checkpoint }: Among): Sql | null {
  if ([run, dataset, checkpoint].every((key) => key === undefined)) return null;
  return allOf([
    when(run, (folder) => sql("r.folder = ?", folder)),
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

function isSmallShare(catalog: Catalog, runs: Sql): boolean {
  const counted = catalog.get(
    `SELECT total(nDone) AS allDone, total(nDone) FILTER (WHERE ${runs.text}) AS done FROM runs r`,
    ...runs.values,
  );
  return Number(counted?.done) < SMALL_SHARE * Number(counted?.allDone);
}
