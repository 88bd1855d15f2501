/** @module Every dataset, checkpoint and fold that was looked at, with what came out. */
import { z } from "zod";
import { aggregateSchema } from "../aggregate.ts";
import { seenSchema } from "../indexing/tell_seen.ts";
import type { Catalog, Row } from "../open_catalog.ts";
import { foldOf } from "./case_row.ts";
import { allOf, holds, sql, when } from "./condition.ts";
import { type Page, pageOf, type PageOptions } from "./page.ts";
import {
  checkpointRefOf,
  checkpointRefSchema,
  datasetRefOf,
  datasetRefSchema,
  STATE_REF_COLUMNS,
} from "./refs.ts";
import {
  runSettingsOf,
  runSettingsSchema,
  settingNameSchema,
  SETTINGS_COLUMN,
  varyingOverFold,
} from "./run_settings.ts";
import { selectPage } from "./select_page.ts";

export const overviewRowSchema = z.strictObject({
  dataset: datasetRefSchema,
  checkpoint: checkpointRefSchema,
  fold: z.int().min(0).nullable(),
  className: z.string(),
  /** The run that stands for them: the newest finished one that is over many of the cases. */
  runId: z.string(),
  createdAt: z.string(),
  /** What that run was made with. */
  settings: runSettingsSchema,
  /** Those in which runs over these cases differ. */
  varying: z.array(settingNameSchema),
  isFinished: z.boolean(),
  nExpected: z.int().min(0),
  nDone: z.int().min(0),
  nFailed: z.int().min(0),
  /** Cases whose record cannot be read, or is another run's. */
  nDamaged: z.int().min(0),
  /** Without any record yet. */
  nMissing: z.int().min(0),
  /** Measured or not. */
  nLabelled: z.int().min(0),
  aggregate: aggregateSchema,
  /** Whether its checkpoint was trained on these cases. */
  seen: seenSchema,
});
export type OverviewRow = z.infer<typeof overviewRowSchema>;

export const overviewPageSchema = pageOf(overviewRowSchema);

export const overviewOptionsSchema = z.strictObject({
  dataset: z.string().optional(),
  checkpoint: z.string().optional(),
  className: z.string().optional(),
  /** Whether there are labels to compare with. */
  isLabelled: z.boolean().optional(),
  /** Part of a dataset's name, also of one that it had, or of a checkpoint's. */
  search: z.string().max(200).optional(),
  sort: z.enum(["name", "dice", "newest"]).default("name"),
});
export type OverviewOptions = z.input<typeof overviewOptionsSchema>;

const ORDERS = Object.freeze({
  name: "d.name, d.key, k.name, k.key, g.fold, g.classIndex",
  // What a checkpoint was trained on is nobody's best.
  dice:
    "g.seen = 'yes', g.meanDice DESC NULLS LAST, d.name, k.name, g.fold, g.classIndex",
  newest: "r.createdAt DESC, d.name, k.name, g.fold, g.classIndex",
});

/** All that a dataset was ever called, in one text. */
const DATASET_NAMES =
  "(SELECT group_concat(n.name, char(10)) FROM datasetNames n WHERE n.datasetId = d.id)";

export function overview(
  catalog: Catalog,
  { page, ...options }: OverviewOptions & {
    readonly page?: PageOptions;
  } = {},
): Page<OverviewRow> {
  const { dataset, checkpoint, className, isLabelled, search, sort } =
    overviewOptionsSchema.parse(options);
  const where = allOf([
    sql("g.isCurrent = 1"),
    when(dataset, (key) => sql("d.key = ?", key)),
    when(checkpoint, (key) => sql("k.key = ?", key)),
    when(className, (name) => sql("g.className = ?", name)),
    when(isLabelled, (is) => sql(is ? "g.nLabelled > 0" : "g.nLabelled = 0")),
    when(search, (text) => holds(text, [DATASET_NAMES, "k.name"])),
  ]);
  return selectPage(catalog, {
    columns:
      `g.fold, g.className, g.nExpected, g.nDone, g.nFailed, g.nDamaged, g.nLabelled, g.aggregate, g.seen, r.folder AS runId, r.createdAt,
       r.isFinished, g.datasetId, g.checkpointId, ${SETTINGS_COLUMN}, ${STATE_REF_COLUMNS}`,
    from: {
      text: `groups g JOIN runs r ON r.id = g.runId
        JOIN datasets d ON d.id = g.datasetId JOIN checkpoints k ON k.id = g.checkpointId
        WHERE ${where.text}`,
      values: where.values,
    },
    order: ORDERS[sort],
    page,
    rowOf: (row) => overviewRowOf(catalog, row),
  });
}

function overviewRowOf(catalog: Catalog, row: Row): OverviewRow {
  const { nExpected, nDone, nFailed, nDamaged, nLabelled } = row;
  return overviewRowSchema.parse({
    dataset: datasetRefOf(row),
    checkpoint: checkpointRefOf(row),
    fold: foldOf(row.fold),
    className: row.className,
    runId: row.runId,
    createdAt: row.createdAt,
    settings: runSettingsOf(row),
    varying: varyingOverFold(catalog, {
      datasetId: Number(row.datasetId),
      checkpointId: Number(row.checkpointId),
      fold: Number(row.fold),
    }),
    isFinished: row.isFinished === 1,
    nExpected,
    nDone,
    nFailed,
    nDamaged,
    nMissing: Number(nExpected) - Number(nDone) - Number(nFailed) -
      Number(nDamaged),
    nLabelled,
    aggregate: JSON.parse(String(row.aggregate)),
    seen: row.seen,
  });
}
