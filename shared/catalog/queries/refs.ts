/** @module A dataset and a checkpoint as queries name them. */
import { z } from "zod";
import type { Row } from "../open_catalog.ts";

export const datasetRefSchema = z.strictObject({
  /** Stands for its location. */
  key: z.string(),
  /** As the run calls it that is told of, else as the newest record does. */
  name: z.string(),
  /** Of its state in the run that is told of, else when it was last indexed as a whole. */
  digest: z.string().nullable(),
  location: z.string(),
  /** What other records call it. */
  otherNames: z.array(z.string()),
  /** Whether any record calls another dataset so. */
  isNameShared: z.boolean(),
});

export const checkpointRefSchema = z.strictObject({
  /** Of one checkpoint its sha256. */
  key: z.string(),
  /** `ensemble`: several that are averaged; `masks`: made elsewhere, and only measured here. */
  kind: z.enum(["checkpoint", "ensemble", "masks"]),
  name: z.string(),
  family: z.string().nullable(),
  /** Whose validation cases it was not trained on. */
  trainedFold: z.int().min(0).nullable(),
  /** Whether another one is called so. */
  isNameShared: z.boolean(),
});

const CHECKPOINT_COLUMNS = `
  k.key AS checkpointKey, k.kind AS checkpointKind, k.name AS checkpointName, k.family, k.trainedFold,
  EXISTS (SELECT 1 FROM checkpoints o WHERE o.name = k.name AND o.id != k.id) AS isCheckpointNameShared`;

/** What {@linkcode datasetRefOf} and {@linkcode checkpointRefOf} need, of datasets `d` and checkpoints `k`. */
export const REF_COLUMNS = refColumns("d.name", "d.digest");

/** The same, with the dataset's state in runs `r`. */
export const STATE_REF_COLUMNS = refColumns("d.name", "r.datasetDigest");

/** The same, with the dataset as runs `r` call it, and its state in them. */
export const RUN_REF_COLUMNS = refColumns("r.datasetName", "r.datasetDigest");

function refColumns(name: string, digest: string): string {
  return `
  d.key AS datasetKey, ${name} AS datasetName, ${digest} AS digest, d.location,
  (SELECT json_group_array(n.name) FROM datasetNames n WHERE n.datasetId = d.id AND n.name != ${name}) AS otherNames,
  EXISTS (SELECT 1 FROM datasetNames n WHERE n.name = ${name} AND n.datasetId != d.id) AS isDatasetNameShared,
  ${CHECKPOINT_COLUMNS}`;
}

export function datasetRefOf(row: Row): z.infer<typeof datasetRefSchema> {
  return datasetRefSchema.parse({
    key: row.datasetKey,
    name: row.datasetName,
    digest: row.digest,
    location: row.location,
    otherNames: JSON.parse(String(row.otherNames)),
    isNameShared: row.isDatasetNameShared === 1,
  });
}

export function checkpointRefOf(
  row: Row,
): z.infer<typeof checkpointRefSchema> {
  return checkpointRefSchema.parse({
    key: row.checkpointKey,
    kind: row.checkpointKind,
    name: row.checkpointName,
    family: row.family,
    trainedFold: row.trainedFold,
    isNameShared: row.isCheckpointNameShared === 1,
  });
}
