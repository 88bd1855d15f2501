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
import { diagnosedVersions, undiagnose } from "./diagnose.ts";
import { datasetIdentity, datasetRow } from "./identify.ts";
import { type Found, readNew } from "./read_new.ts";
import { forgetSeen, markSeen, seenBelow, unseen } from "./seen.ts";
import { tellSeen } from "./tell_seen.ts";

/** One kind of record: where it stands, and how it is taken in. */
interface Kind<T> {
  readonly prefix: string;
  readonly schema: z.ZodType<T>;
  write(catalog: Catalog, record: T, key: string): void;
  /** Takes back what all records of the kind have told; they are written anew afterwards. */
  forget(catalog: Catalog): void;
}

export async function indexHome(context: IndexContext): Promise<void> {
  const isNews = [
    await indexKind(context, checkpoints),
    await indexKind(context, datasets),
  ].includes(true);
  // Also of runs that were indexed before: what is registered or named since tells what was trained on what.
  if (isNews) context.catalog.transaction(() => tellSeen(context.catalog));
  await indexKind(context, evaluations);
  await indexKind(context, comparisons);
}

/** @returns whether there was anything new, or anything gone. */
async function indexKind<T>(
  context: IndexContext,
  kind: Kind<T>,
): Promise<boolean> {
  const { home, signal } = context;
  const found: Found[] = [];
  for await (const info of home.list(kind.prefix, { signal })) {
    if (/^[^/]+\/[^/]+\.json$/.test(info.key)) {
      found.push({ key: info.key, version: versionOf(info) });
    }
  }
  const there = new Set(found.map(({ key }) => key));
  const isGone = dropGone(context, kind, there);
  const nNew = await readNew(context, {
    folder: null,
    found: unseen(context, found),
    schema: kind.schema,
    write(record, one) {
      kind.write(context.catalog, record, one.key);
      markSeen(context, one);
      return null;
    },
  });
  return isGone || nNew > 0;
}

/**
 * Where a record was removed, those of its kind are read anew: what it told may be told by another one, too.
 *
 * @returns whether one was removed
 */
function dropGone<T>(
  context: IndexContext,
  { prefix, forget }: Kind<T>,
  there: ReadonlySet<string>,
): boolean {
  const { catalog } = context;
  const known = seenBelow(context, prefix);
  const damaged = [...diagnosedVersions(context, null).keys()]
    .filter((key) => key.startsWith(prefix));
  const isGone = (key: string) => !there.has(key);
  const isAnyGone = known.some(isGone);
  const healed = damaged.filter(isGone);
  if (!isAnyGone && healed.length === 0) return false;
  catalog.transaction(() => {
    for (const key of healed) undiagnose(context, key);
    if (!isAnyGone) return;
    forget(catalog);
    for (const key of known) forgetSeen(context, key);
  });
  return isAnyGone;
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
  forget(catalog) {
    catalog.run(
      `UPDATE checkpoints SET family = NULL, trainedFold = NULL, trainedDataset = NULL, trainedDigest = NULL,
         registeredAt = NULL
       WHERE registeredAt IS NOT NULL`,
    );
    catalog.run(
      "DELETE FROM checkpoints WHERE id NOT IN (SELECT checkpointId FROM runs)",
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
  forget(catalog) {
    catalog.run(
      `UPDATE datasets SET digest = NULL, nCases = NULL, indexedAt = NULL`,
    );
    catalog.run(
      "DELETE FROM datasets WHERE id NOT IN (SELECT datasetId FROM runs)",
    );
    catalog.run(
      "DELETE FROM datasetNames WHERE datasetId NOT IN (SELECT id FROM datasets)",
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
  forget: (catalog) => catalog.run("DELETE FROM evaluations"),
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
  forget: (catalog) => catalog.run("DELETE FROM comparisons"),
};

/** The name of a run's folder below `runs/`. */
function folderOf(runId: string): string {
  return runFolder(runId).slice("runs/".length);
}
