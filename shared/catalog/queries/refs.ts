/** @module A dataset and a checkpoint as queries name them. */
import { z } from "zod";
import type { Row } from "../open_catalog.ts";

export const datasetRefSchema = z.strictObject({
  /** Stands for its name and digest, or where the digest is not known for its location. */
  key: z.string(),
  name: z.string(),
  digest: z.string().nullable(),
  location: z.string(),
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
});

/** What {@linkcode datasetRefOf} and {@linkcode checkpointRefOf} need, of datasets `d` and checkpoints `k`. */
export const REF_COLUMNS = `
  d.key AS datasetKey, d.name AS datasetName, d.digest, d.location,
  k.key AS checkpointKey, k.kind AS checkpointKind, k.name AS checkpointName, k.family, k.trainedFold`;

export function datasetRefOf(row: Row): z.infer<typeof datasetRefSchema> {
  const { datasetKey: key, datasetName: name, digest, location } = row;
  return datasetRefSchema.parse({ key, name, digest, location });
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
  });
}
