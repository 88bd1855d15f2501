/**
 * Cases whose mask nobody has reviewed yet, in the order in which they deserve it: each once, with the figures of its
 * worst class. What a queue is narrowed to does not change its order.
 * @module
 */
import { z } from "zod";
import type { Catalog, Row } from "../open_catalog.ts";
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

/** How a queue is walked: an index has the cases of each run in their order. */
interface Walk {
  readonly index: string;
  readonly wanted: string;
  /** What comes first has the lowest, and among equals the lowest id. */
  readonly value: string;
  readonly order: string;
  /** Of the worst class. */
  readonly classIndex: string;
}

const WALKS: Readonly<Record<ReviewQueueKind, Walk>> = Object.freeze({
  lowestDice: {
    index: "casesLowestDice",
    wanted: "c.worstDice IS NOT NULL AND c.verdict IS NULL",
    value: "c.worstDice",
    order: "c.worstDice, c.id",
    classIndex: "c.worstDiceClass",
  },
  largestVolumeError: {
    index: "casesVolumeError",
    wanted: "c.worstVolumeErrorMl IS NOT NULL AND c.verdict IS NULL",
    value: "-c.worstVolumeErrorMl",
    order: "c.worstVolumeErrorMl DESC, c.id",
    classIndex: "c.worstVolumeErrorClass",
  },
  newest: {
    index: "casesNewest",
    wanted: "c.state = 'done' AND c.verdict IS NULL",
    value: "-c.runId",
    order: "c.id",
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
  const walk = WALKS[kind];
  const ids = firstIds(catalog, walk, among, offset + limit).slice(offset);
  return catalog.all(
    `SELECT ${CASE_COLUMNS} FROM json_each(?) AS picked CROSS JOIN cases c ON c.id = picked.value
     CROSS JOIN runs r ON r.id = c.runId LEFT JOIN measures m ON m.id = ${
      measureId("c.id", walk.classIndex)
    } ORDER BY picked.key`,
    JSON.stringify(ids),
  ).map(caseRowOf);
}

interface Entry {
  readonly id: number;
  readonly value: number;
}

/**
 * The first cases of the queue. Runs are looked into in the order of their own first cases, until no other can hold
 * one of them: of however many cases, few are read, whatever the queue is narrowed to.
 */
function firstIds(
  catalog: Catalog,
  { index, wanted, value, order }: Walk,
  among: Among,
  most: number,
): number[] {
  const runs = ofRuns(among);
  const open = allOf([
    sql(wanted),
    when(among.search, (text) => holds(text, ["c.caseId", "c.patientId"])),
  ]);
  const from = `FROM cases c INDEXED BY ${index} WHERE ${open.text}`;
  const heads = catalog.all(
    `WITH heads AS MATERIALIZED (
       SELECT (SELECT c.id ${from} AND c.runId = r.id ORDER BY ${order} LIMIT 1) AS id
       FROM runs r WHERE ${runs.text}
     )
     SELECT c.id, ${value} AS value, c.runId FROM heads CROSS JOIN cases c ON c.id = heads.id ORDER BY value, c.id`,
    ...open.values,
    ...runs.values,
  );
  let first: Entry[] = [];
  for (const head of heads) {
    const last = first[most - 1];
    if (last !== undefined && byOrder(entryOf(head), last) > 0) break;
    const own = catalog.all(
      `SELECT c.id, ${value} AS value ${from} AND c.runId = ? ORDER BY ${order} LIMIT ?`,
      ...open.values,
      Number(head.runId),
      most,
    );
    first = [...first, ...own.map(entryOf)].sort(byOrder).slice(0, most);
  }
  return first.map(({ id }) => id);
}

function entryOf({ id, value }: Row): Entry {
  return { id: Number(id), value: Number(value) };
}

function byOrder(a: Entry, b: Entry): number {
  return a.value - b.value || a.id - b.id;
}

/** Runs `r` among those asked for. */
function ofRuns({ run, dataset, checkpoint }: Among): Sql {
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
