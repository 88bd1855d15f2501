/** @module Takes the plan of a run in, `run.json`, which is read once, and the cases that were added since. */
import type { Case } from "../../datasets/dataset.ts";
import { extensionSchema, type Run, runSchema } from "../../runs/records.ts";
import { MAX_RECORD_BYTES } from "../../runs/record_io.ts";
import type { Row } from "../open_catalog.ts";
import { sampleKey } from "../sample_key.ts";
import { NO_FOLD } from "../schema.ts";
import { breathe, type IndexContext } from "./context.ts";
import { diagnose, diagnosedVersions, undiagnose } from "./diagnose.ts";
import { isRunName } from "./find_runs.ts";
import {
  checkpointOf,
  checkpointRow,
  datasetOf,
  datasetRow,
} from "./identify.ts";
import { findRecord, type Found, readAs, readNew } from "./read_new.ts";
import { markSeen, unseen } from "./seen.ts";

/** Cases written in one transaction. */
const BATCH = 500;

/** A run as the index holds it. */
export interface IndexedRun {
  readonly id: number;
  readonly folder: string;
  /** As its records call it: its folder's name, unless somebody chose another folder. */
  readonly recordId: string;
  /** Names of the foreground classes. */
  readonly classes: readonly string[];
  readonly fold: number;
}

/** The run that stands in a folder; null where there is none to be understood. */
export async function indexPlan(
  context: IndexContext,
  folder: string,
): Promise<IndexedRun | null> {
  const { catalog, now, signal } = context;
  const known = planned(context, folder);
  if (known !== null) return known;
  const key = `runs/${folder}/run.json`;
  const version = await versionToRead(context, folder, key);
  if (version === null) return null;
  const read = isRunName(folder)
    ? await readAs(context, key, runSchema, MAX_RECORD_BYTES)
    : { reason: "Its folder has no name that an address could hold" };
  if (read === null) return null;
  if (!("record" in read)) {
    catalog.transaction(() =>
      diagnose(context, { key, folder, version, reason: read.reason })
    );
    return null;
  }
  const run = read.record;
  const isNew =
    catalog.get("SELECT id FROM runs WHERE folder = ?", folder) === undefined;
  if (isNew) context.tally.runsFound++;
  catalog.transaction(() => {
    insertRun(context, folder, run);
    undiagnose(context, key);
  });
  const indexed = requireRun(context, folder);
  for (let start = 0; start < run.cases.length; start += BATCH) {
    const batch = run.cases.slice(start, start + BATCH);
    catalog.transaction(() => insertCases(context, indexed, batch));
    await breathe(signal);
  }
  catalog.transaction(() =>
    catalog.run(
      "UPDATE runs SET isPlanned = 1, changedAt = ? WHERE id = ?",
      now().toISOString(),
      indexed.id,
    )
  );
  return indexed;
}

/** Takes in the cases of `extensions/<n>.json` that are not known yet. @returns whether there were any. */
export async function indexExtensions(
  context: IndexContext,
  run: IndexedRun,
  found: readonly Found[],
): Promise<boolean> {
  const { catalog } = context;
  const taken = await readNew(context, {
    folder: run.folder,
    found: unseen(context, found),
    schema: extensionSchema,
    write({ cases }, one) {
      insertCases(context, run, cases);
      markSeen(context, one);
      return null;
    },
  });
  if (taken > 0) {
    // What was taken for a record of nobody may be of one of these cases: it is read again.
    catalog.transaction(() =>
      catalog.run("DELETE FROM diagnostics WHERE folder = ?", run.folder)
    );
  }
  return taken > 0;
}

function planned(
  { catalog }: IndexContext,
  folder: string,
): IndexedRun | null {
  const row = catalog.get(
    "SELECT id, folder, recordId, classes, fold FROM runs WHERE folder = ? AND isPlanned = 1",
    folder,
  );
  return row === undefined ? null : runOf(row);
}

function requireRun({ catalog }: IndexContext, folder: string): IndexedRun {
  return runOf(
    catalog.get(
      "SELECT id, folder, recordId, classes, fold FROM runs WHERE folder = ?",
      folder,
    )!,
  );
}

function runOf(row: Row): IndexedRun {
  return {
    id: Number(row.id),
    folder: String(row.folder),
    recordId: String(row.recordId),
    classes: JSON.parse(String(row.classes)),
    fold: Number(row.fold),
  };
}

/** Null where the plan was found damaged before and has not changed since, or is not there. */
async function versionToRead(
  context: IndexContext,
  folder: string,
  key: string,
): Promise<string | null> {
  const found = await findRecord(context, key);
  const version = found === null ? "none" : found.version;
  const isKnown = diagnosedVersions(context, folder).get(key) === version;
  if (isKnown) return null;
  if (found !== null) return version;
  const reason = "The folder holds no run.json: it is no run, or none yet";
  context.catalog.transaction(() =>
    diagnose(context, { key, folder, version, reason })
  );
  return null;
}

function insertRun(
  { catalog, now }: IndexContext,
  folder: string,
  run: Run,
): void {
  const { cases: _, ...plan } = run;
  const isSegment = run.kind === "segment";
  const dataset = datasetOf(run);
  const checkpointId = checkpointRow(catalog, checkpointOf(run));
  for (const { sha256 } of isSegment ? run.checkpoints : []) {
    catalog.run(
      "INSERT OR IGNORE INTO checkpointMembers VALUES (?, ?)",
      checkpointId,
      sha256,
    );
  }
  catalog.run(
    `INSERT INTO runs (folder, recordId, kind, createdAt, datasetId, datasetName, datasetDigest, checkpointId, fold,
       engine, device, plan, classes, changedAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (folder) DO NOTHING`,
    folder,
    run.runId,
    run.kind,
    run.createdAt,
    datasetRow(catalog, dataset, run.createdAt),
    dataset.name,
    dataset.digest,
    checkpointId,
    (isSegment ? run.dataset?.fold : undefined) ?? NO_FOLD,
    isSegment ? run.engine.name : null,
    isSegment ? run.engine.device : null,
    JSON.stringify(plan),
    JSON.stringify(run.classes.slice(1)),
    now().toISOString(),
  );
}

type PlannedCase = Run["cases"][number] | Case;

function insertCases(
  { catalog }: IndexContext,
  run: IndexedRun,
  cases: readonly PlannedCase[],
): void {
  for (const item of cases) {
    const images = "images" in item
      ? item.images
      : item.image === undefined
      ? []
      : [item.image];
    const inserted = catalog.get(
      `INSERT INTO cases (runId, caseId, sampleKey, patientId, fold, unit, isLabelled) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (runId, caseId) DO NOTHING RETURNING id`,
      run.id,
      item.caseId,
      sampleKey(item.caseId),
      "patientId" in item ? item.patientId ?? null : null,
      run.fold !== NO_FOLD
        ? run.fold
        : "fold" in item
        ? item.fold ?? NO_FOLD
        : NO_FOLD,
      item.unit,
      // Known before it is measured: one that fails has a label all the same.
      Number(item.label !== undefined),
    );
    if (inserted === undefined) continue;
    catalog.run(
      "INSERT INTO caseFiles (caseRow, images, label) VALUES (?, ?, ?)",
      Number(inserted.id),
      JSON.stringify(images),
      item.label === undefined ? null : JSON.stringify(item.label),
    );
  }
}
