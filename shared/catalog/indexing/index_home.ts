/** @module Takes in the records of a home that belong to no single run: checkpoints, datasets, evaluations, comparisons. */
import { z } from "zod";
import { datasetIndexSchema } from "../../datasets/dataset_index.ts";
import { CHECKPOINTS, runFolder } from "../../runs/home/keys.ts";
import {
  comparisonRecordSchema,
  evaluationSchema,
  registeredCheckpointSchema,
} from "../../runs/home/records.ts";
import { trainingProvenance } from "../../network/training_provenance.ts";
import type { Catalog } from "../open_catalog.ts";
import { type IndexContext, versionOf } from "./context.ts";
import { datasetIdentity, datasetRow } from "./identify.ts";
import { type Found, readNew } from "./read_new.ts";
import { markSeen, unseen } from "./seen.ts";
import { tellSeen } from "./tell_seen.ts";

/** One kind of record: where it stands, and how it is taken in. */
interface Kind<T> {
  readonly prefix: string;
  readonly schema: z.ZodType<T>;
  write(catalog: Catalog, record: T, key: string): void;
}

export async function indexHome(context: IndexContext): Promise<void> {
  const isNews = [
    await indexKind(context, checkpoints) > 0,
    await indexKind(context, datasets) > 0,
  ].includes(true);
  // Also of runs that were indexed before: what is registered or named since tells what was trained on what.
  if (isNews) context.catalog.transaction(() => tellSeen(context.catalog));
  await indexKind(context, evaluations);
  await indexKind(context, comparisons);
}

/** @returns how many were new. */
async function indexKind<T>(
  context: IndexContext,
  { prefix, schema, write }: Kind<T>,
): Promise<number> {
  const { catalog, home, signal } = context;
  const found: Found[] = [];
  for await (const info of home.list(prefix, { signal })) {
    if (/^[^/]+\/[^/]+\.json$/.test(info.key)) {
      found.push({ key: info.key, version: versionOf(info) });
    }
  }
  return await readNew(context, {
    folder: null,
    found: unseen(context, found),
    schema,
    write(record, one) {
      write(catalog, record, one.key);
      markSeen(context, one);
      return null;
    },
  });
}

const checkpoints: Kind<z.infer<typeof registeredCheckpointSchema>> = {
  prefix: CHECKPOINTS,
  schema: registeredCheckpointSchema,
  // Registered twice, under two names: the first registration stands.
  write(catalog, { sha256, name, family, fold, registeredAt, card }) {
    const { dataset, datasetDigest } = trainingProvenance(card);
    catalog.run(
      `INSERT INTO checkpoints (key, kind, name, family, trainedFold, trainedDataset, trainedDigest, registeredAt)
       VALUES (?, 'checkpoint', ?, ?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET name = excluded.name, family = excluded.family,
         trainedFold = excluded.trainedFold, trainedDataset = excluded.trainedDataset,
         trainedDigest = excluded.trainedDigest, registeredAt = excluded.registeredAt
       WHERE registeredAt IS NULL OR (excluded.registeredAt, excluded.name) < (registeredAt, name)`,
      sha256,
      name,
      family,
      fold,
      dataset ?? null,
      datasetDigest ?? null,
      registeredAt,
    );
  },
};

const datasets: Kind<z.infer<typeof datasetIndexSchema>> = {
  prefix: "datasets/",
  schema: datasetIndexSchema,
  write(catalog, { name, digest, location, cases, indexedAt }) {
    const identity = datasetIdentity(name, digest, location);
    const id = datasetRow(catalog, identity, indexedAt);
    catalog.run(
      "UPDATE datasets SET digest = ?, nCases = ?, indexedAt = ? WHERE id = ?",
      digest,
      cases.length,
      indexedAt,
      id,
    );
  },
};

const evaluations: Kind<z.infer<typeof evaluationSchema>> = {
  prefix: "evaluations/",
  schema: evaluationSchema,
  write: (catalog, { runId, createdAt }, key) =>
    catalog.run(
      "INSERT OR REPLACE INTO evaluations (key, folder, createdAt) VALUES (?, ?, ?)",
      key,
      folderOf(runId),
      createdAt,
    ),
};

const comparisons: Kind<z.infer<typeof comparisonRecordSchema>> = {
  prefix: "comparisons/",
  schema: comparisonRecordSchema,
  write: (catalog, record, key) =>
    catalog.run(
      "INSERT OR REPLACE INTO comparisons VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      key,
      record.createdAt,
      record.why,
      record.verdict,
      folderOf(record.before.runId),
      folderOf(record.after.runId),
      record.before.name,
      record.after.name,
      // Without their lists of cases, which grow with the dataset: the record itself has them.
      JSON.stringify(
        record.comparison.classes.map((
          { name, n, verdict, metrics, flips },
        ) => ({
          name,
          n,
          verdict,
          dice: metrics.dice,
          nFlips: flips.length,
        })),
      ),
    ),
};

/** The name of a run's folder below `runs/`. */
function folderOf(runId: string): string {
  return runFolder(runId).slice("runs/".length);
}
