/** @module How checkpoints did over time, with those marked that got worse. */
import { z } from "zod";
import { aggregateSchema } from "../aggregate.ts";
import { verdictSchema } from "../../metrics/compare.ts";
import {
  comparisonReasonSchema,
  evaluationOptionsSchema,
} from "../../runs/home/records.ts";
import { seenSchema } from "../indexing/tell_seen.ts";
import type { Catalog } from "../open_catalog.ts";
import { foldOf } from "./case_row.ts";
import { allOf, sql, when } from "./condition.ts";
import {
  checkpointRefOf,
  checkpointRefSchema,
  datasetRefOf,
  datasetRefSchema,
  RUN_REF_COLUMNS,
} from "./refs.ts";
import {
  runSettingsOf,
  runSettingsSchema,
  settingNameSchema,
  SETTINGS_COLUMN,
} from "./run_settings.ts";

export const trendOptionsSchema = z.strictObject({
  /** The key of one checkpoint. */
  checkpoint: z.string().optional(),
  /** Of checkpoints that replace each other. */
  family: z.string().optional(),
  dataset: z.string().optional(),
  className: z.string().optional(),
});
export type TrendOptions = z.infer<typeof trendOptionsSchema>;

export const trendPointSchema = z.strictObject({
  runId: z.string(),
  createdAt: z.string(),
  /** Whether a night of re-evaluation made it. */
  isEvaluation: z.boolean(),
  dataset: datasetRefSchema,
  checkpoint: checkpointRefSchema,
  fold: z.int().min(0).nullable(),
  className: z.string(),
  /** What the run was made with. */
  settings: runSettingsSchema,
  /**
   * Options that decide masks, in which the points of this dataset, checkpoints that replace each other, and fold
   * differ: only those with the same ones can be told to have got better or worse.
   */
  varying: z.array(settingNameSchema),
  nExpected: z.int().min(0),
  /** Whose figures are counted. */
  nDone: z.int().min(0),
  nFailed: z.int().min(0),
  nDamaged: z.int().min(0),
  aggregate: aggregateSchema,
  /** Whether its checkpoint was trained on these cases. */
  seen: seenSchema,
  /** Of this class, against the one it replaces, and against the best of its family and of its fold. */
  comparisons: z.array(z.strictObject({
    why: comparisonReasonSchema,
    verdict: verdictSchema,
    beforeName: z.string(),
    beforeRunId: z.string(),
  })),
  /** Whether any comparison says that this class is worse. */
  isRegression: z.boolean(),
});
export type TrendPoint = z.infer<typeof trendPointSchema>;

/** More points than these make no chart: the newest are told. */
const MOST_POINTS = 500;

/** Runs over labelled cases, the oldest first. */
export function trend(catalog: Catalog, options: TrendOptions): TrendPoint[] {
  const { checkpoint, family, dataset, className } = trendOptionsSchema.parse(
    options,
  );
  const where = allOf([
    sql("g.nLabelled > 0"),
    when(checkpoint, (key) => sql("k.key = ?", key)),
    when(family, (name) => sql("k.family = ?", name)),
    when(dataset, (key) => sql("d.key = ?", key)),
    className === undefined
      ? sql("g.classIndex = 0")
      : sql("g.className = ?", className),
  ]);
  const points = catalog.all(
    `SELECT r.folder AS runId, r.createdAt, g.fold, g.className, g.nExpected, g.nDone, g.nFailed,
       g.nDamaged, g.aggregate, g.seen, ${RUN_REF_COLUMNS}, ${SETTINGS_COLUMN},
       EXISTS (SELECT 1 FROM evaluations e WHERE e.folder = r.folder) AS isEvaluation
     FROM checkpoints k JOIN runs r ON r.checkpointId = k.id JOIN groups g ON g.runId = r.id
     JOIN datasets d ON d.id = r.datasetId
     WHERE ${where.text} ORDER BY r.createdAt DESC, r.folder DESC, g.fold LIMIT ?`,
    ...where.values,
    MOST_POINTS,
  ).reverse().map((row) => {
    const comparisons = catalog.all(
      // A comparison's own verdict is that of its worst class: what another class did is not told of this one.
      `SELECT why, json_extract(class.value, '$.verdict') AS verdict, beforeName, beforeFolder AS beforeRunId
       FROM comparisons, json_each(classes) AS class
       WHERE afterFolder = ? AND json_extract(class.value, '$.name') = ? ORDER BY createdAt, comparisons.key`,
      String(row.runId),
      String(row.className),
    ).map((comparison) => ({ ...comparison }));
    return trendPointSchema.parse({
      runId: row.runId,
      createdAt: row.createdAt,
      isEvaluation: row.isEvaluation === 1,
      dataset: datasetRefOf(row),
      checkpoint: checkpointRefOf(row),
      fold: foldOf(row.fold),
      className: row.className,
      settings: runSettingsOf(row),
      varying: [],
      nExpected: row.nExpected,
      nDone: row.nDone,
      nFailed: row.nFailed,
      nDamaged: row.nDamaged,
      aggregate: JSON.parse(String(row.aggregate)),
      seen: row.seen,
      comparisons,
      isRegression: comparisons.some(({ verdict }) => verdict === "worse"),
    });
  });
  return withVarying(points);
}

/** Options that decide the voxels of a mask, whatever computes them. */
const DECIDING = evaluationOptionsSchema.keyof().options;

function withVarying(points: readonly TrendPoint[]): TrendPoint[] {
  const lineOf = ({ dataset, checkpoint, fold }: TrendPoint) =>
    JSON.stringify([dataset.key, checkpoint.family ?? checkpoint.key, fold]);
  const varying = new Map(
    [...Map.groupBy(points, lineOf)].map(([line, own]) => [
      line,
      DECIDING.filter((name) =>
        new Set(own.map(({ settings }) => JSON.stringify(settings?.[name])))
          .size > 1
      ),
    ]),
  );
  return points.map((point) => ({
    ...point,
    varying: varying.get(lineOf(point))!,
  }));
}
