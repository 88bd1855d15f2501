/** @module What a run was made with, and which of it tells runs apart that look alike otherwise. */
import { z } from "zod";
import { segmentOptionsSchema } from "../../runs/records.ts";
import type { Catalog, Row } from "../open_catalog.ts";

/** Of a segmentation; null: it is an evaluation of masks, which has none. */
export const runSettingsSchema = z.strictObject({
  ...segmentOptionsSchema.shape,
  engine: z.string(),
  device: z.string(),
  codeVersion: z.string(),
}).nullable();
export type RunSettings = z.infer<typeof runSettingsSchema>;

export const settingNameSchema = z.enum(
  runSettingsSchema.unwrap().keyof().options,
);
export type SettingName = z.infer<typeof settingNameSchema>;

/** Where each setting stands in the plan of a run. */
const PATHS = Object.fromEntries(settingNameSchema.options.map((name) => [
  name,
  name === "engine"
    ? "$.engine.name"
    : name === "device"
    ? "$.engine.device"
    : name === "codeVersion"
    ? "$.codeVersion"
    : `$.options.${name}`,
]));

/** What {@linkcode runSettingsOf} needs, of runs `r`. */
export const SETTINGS_COLUMN = `
  iif(r.kind = 'segment', json_object(${
  Object.entries(PATHS).map(([name, path]) => `'${name}', r.plan -> '${path}'`)
    .join(", ")
}), NULL) AS settings`;

export function runSettingsOf({ settings }: Row): RunSettings {
  return runSettingsSchema.parse(
    typeof settings === "string" ? JSON.parse(settings) : null,
  );
}

/**
 * The settings in which the runs of the same dataset, checkpoint and fold differ.
 *
 * @param like the row of one of them
 */
export function varyingSettings(
  catalog: Catalog,
  like: Alike,
): SettingName[] {
  return varyingWhere(
    catalog,
    "checkpointId = ? AND datasetId = ? AND fold = ?",
    like,
  );
}

/** The same of runs that hold cases of the fold, whether they are of it alone or not. */
export function varyingOverFold(catalog: Catalog, like: Alike): SettingName[] {
  return varyingWhere(
    catalog,
    "checkpointId = ? AND datasetId = ? AND EXISTS (SELECT 1 FROM groups g WHERE g.runId = runs.id AND g.fold = ?)",
    like,
  );
}

interface Alike {
  readonly datasetId: number;
  readonly checkpointId: number;
  readonly fold: number;
}

function varyingWhere(
  catalog: Catalog,
  condition: string,
  { checkpointId, datasetId, fold }: Alike,
): SettingName[] {
  const row = catalog.get(
    `SELECT ${
      Object.entries(PATHS).map(([name, path]) =>
        `count(DISTINCT plan -> '${path}') > 1 AS ${name}`
      ).join(", ")
    } FROM runs WHERE kind = 'segment' AND ${condition}`,
    checkpointId,
    datasetId,
    fold,
  );
  return settingNameSchema.options.filter((name) => row?.[name] === 1);
}
