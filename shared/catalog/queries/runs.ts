/** @module Lists of runs. */
import { z } from "zod";
import type { Catalog, Row } from "../open_catalog.ts";
import { foldOf } from "./case_row.ts";
import { allOf, holds, sql, when } from "./condition.ts";
import { type Page, pageOf, type PageOptions } from "./page.ts";
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
  varyingSettings,
} from "./run_settings.ts";
import { selectPage } from "./select_page.ts";

/** `finished`: all cases are recorded, sound or not, and summarised; `cancelled`: not finished, and workers were asked to stop. */
export const runStateSchema = z.enum(["open", "cancelled", "finished"]);

export const runRowSchema = z.strictObject({
  /** The name of the run's folder. */
  runId: z.string(),
  kind: z.enum(["segment", "evaluate"]),
  createdAt: z.string(),
  dataset: datasetRefSchema,
  checkpoint: checkpointRefSchema,
  /** Null: not the cases of one fold alone. */
  fold: z.int().min(0).nullable(),
  engine: z.string().nullable(),
  device: z.string().nullable(),
  settings: runSettingsSchema,
  /** Those in which the runs of its dataset, checkpoint and fold differ: what tells it apart from them. */
  varying: z.array(settingNameSchema),
  state: runStateSchema,
  nExpected: z.int().min(0),
  nDone: z.int().min(0),
  nFailed: z.int().min(0),
  /** Cases whose record cannot be read, or is another run's. */
  nDamaged: z.int().min(0),
  /** Without any record yet. */
  nMissing: z.int().min(0),
  /** Measured or not. */
  nLabelled: z.int().min(0),
  nReviewed: z.int().min(0),
  /** Of the first class, over all labelled cases but those that its checkpoint was trained on. */
  meanDice: z.number().nullable(),
  /** Cases that the mean leaves out, as its checkpoint was trained on them. */
  nTrainedOn: z.int().min(0),
  /** Whether nobody told if it was trained on others. */
  mayHaveSeen: z.boolean(),
  /** When anything new was last seen in it. */
  changedAt: z.string(),
});
export type RunRow = z.infer<typeof runRowSchema>;

export const runPageSchema = pageOf(runRowSchema);

export const runListingSchema = z.strictObject({
  kind: z.enum(["segment", "evaluate"]).optional(),
  state: runStateSchema.optional(),
  dataset: z.string().optional(),
  checkpoint: z.string().optional(),
  /** Part of its id, or of the dataset's or checkpoint's name. */
  search: z.string().max(200).optional(),
  sort: z.enum(["createdAt", "changedAt", "nExpected", "nFailed", "meanDice"])
    .default("createdAt"),
  direction: z.enum(["ascending", "descending"]).default("descending"),
});
export type RunListing = z.input<typeof runListingSchema>;

const TABLES =
  `runs r JOIN datasets d ON d.id = r.datasetId JOIN checkpoints k ON k.id = r.checkpointId`;

const STATE =
  `iif(r.isFinished, 'finished', iif(r.cancel IS NULL, 'open', 'cancelled'))`;

const MEAN_DICE =
  `(SELECT sum(g.meanDice * g.nDice) / sum(g.nDice) FROM groups g
   WHERE g.runId = r.id AND g.classIndex = 0 AND g.meanDice IS NOT NULL AND g.seen != 'yes')`;

const COLUMNS = `
  r.folder AS runId, r.kind, r.createdAt, r.fold, r.engine, r.device, ${STATE} AS state, r.nExpected, r.nDone,
  r.nFailed, r.nDamaged, r.nLabelled, r.nReviewed, r.changedAt, ${RUN_REF_COLUMNS}, ${SETTINGS_COLUMN},
  r.datasetId, r.checkpointId,
  ${MEAN_DICE} AS meanDice,
  (SELECT total(g.nDice) FROM groups g WHERE g.runId = r.id AND g.classIndex = 0 AND g.seen = 'yes') AS nTrainedOn,
  EXISTS (SELECT 1 FROM groups g WHERE g.runId = r.id AND g.nDice > 0 AND g.seen = 'maybe') AS mayHaveSeen`;

export function runs(
  catalog: Catalog,
  { page, ...options }: RunListing & { readonly page?: PageOptions } = {},
): Page<RunRow> {
  const { kind, state, dataset, checkpoint, search, sort, direction } =
    runListingSchema.parse(options);
  const where = allOf([
    when(kind, (wanted) => sql("r.kind = ?", wanted)),
    when(state, (wanted) => sql(`${STATE} = ?`, wanted)),
    when(dataset, (key) => sql("d.key = ?", key)),
    when(checkpoint, (key) => sql("k.key = ?", key)),
    when(
      search,
      (text) => holds(text, ["r.folder", "r.datasetName", "k.name"]),
    ),
  ]);
  const column = sort === "meanDice" ? MEAN_DICE : `r.${sort}`;
  const way = direction === "ascending" ? "ASC" : "DESC";
  const rowOf = runRowReader(catalog);
  return selectPage(catalog, {
    columns: COLUMNS,
    from: { text: `${TABLES} WHERE ${where.text}`, values: where.values },
    id: "r.id",
    order: `${column} ${way} NULLS LAST, r.folder ${way}`,
    page,
    rowOf,
  });
}

/** One run as lists show it; null where it is not known. */
export function runRow(catalog: Catalog, runId: string): RunRow | null {
  const row = catalog.get(
    `SELECT ${COLUMNS} FROM ${TABLES} WHERE r.folder = ?`,
    runId,
  );
  return row === undefined ? null : runRowReader(catalog)(row);
}

/** Reads rows of one list: what varies among runs alike is looked up once for all of them. */
function runRowReader(catalog: Catalog): (row: Row) => RunRow {
  const known = new Map<string, RunRow["varying"]>();
  return (row) => {
    const like = {
      datasetId: Number(row.datasetId),
      checkpointId: Number(row.checkpointId),
      fold: Number(row.fold),
    };
    const key = JSON.stringify(like);
    const varying = known.get(key) ?? varyingSettings(catalog, like);
    known.set(key, varying);
    return runRowOf(row, varying);
  };
}

function runRowOf(row: Row, varying: RunRow["varying"]): RunRow {
  const { nExpected, nDone, nFailed, nDamaged, nLabelled, nReviewed } = row;
  return runRowSchema.parse({
    runId: row.runId,
    kind: row.kind,
    createdAt: row.createdAt,
    dataset: datasetRefOf(row),
    checkpoint: checkpointRefOf(row),
    fold: foldOf(row.fold),
    engine: row.engine,
    device: row.device,
    settings: runSettingsOf(row),
    varying,
    state: row.state,
    nExpected,
    nDone,
    nFailed,
    nDamaged,
    nMissing: Number(nExpected) - Number(nDone) - Number(nFailed) -
      Number(nDamaged),
    nLabelled,
    nReviewed,
    meanDice: row.meanDice,
    nTrainedOn: row.nTrainedOn,
    mayHaveSeen: row.mayHaveSeen === 1,
    changedAt: row.changedAt,
  });
}
