/**
 * From a planned evaluation to its frozen run. The evaluation's record decides which run it is: whoever creates
 * it freezes that run, and so does whoever finds the record without its run.
 * @module
 */
import { freezeRun, readRun } from "../../../shared/runs/freeze.ts";
import {
  checkpointFileKey,
  evaluationKey,
  runFolder,
} from "../../../shared/runs/home/keys.ts";
import {
  type Evaluation,
  evaluationSchema,
} from "../../../shared/runs/home/records.ts";
import { createRecord, readRecord } from "../../../shared/runs/record_io.ts";
import type { SegmentRun } from "../../../shared/runs/records.ts";
import { newRunId } from "../../../shared/runs/run_id.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { substore } from "../../../shared/storage/substore.ts";
import { VERSION } from "../../../shared/version.ts";
import type { FrozenRunRef } from "../../batch/freeze_planned.ts";
import { frozenOptions } from "../../cli/segment_options.ts";
import type { PlannedEvaluation } from "./plan_evaluations.ts";
import type { RunSettings } from "./run_settings.ts";

/** The run of an evaluation, made now or before. */
export async function freezeEvaluation(
  home: ObjectStore,
  planned: PlannedEvaluation,
  settings: RunSettings,
): Promise<FrozenRunRef> {
  const { runId } = await claimEvaluation(home, planned, new Date());
  const store = substore(home, runFolder(runId));
  const run = await readRun(store, "segment") ??
    (await freezeRun(store, planRun(home, planned, settings, runId))).run;
  return { runId, location: store.location, run, cases: run.cases, store };
}

/** @returns the record that stands: of several who try at once, one made it. */
async function claimEvaluation(
  home: ObjectStore,
  { checkpoint, dataset, options, which, hash }: PlannedEvaluation,
  now: Date,
): Promise<Evaluation> {
  const key = evaluationKey(hash);
  const record: Evaluation = {
    format: 1,
    runId: newRunId(now),
    checkpoint: { name: checkpoint.name, sha256: checkpoint.sha256 },
    dataset: { name: dataset.name, digest: dataset.digest },
    options,
    cases: which,
    createdAt: now.toISOString(),
  };
  await createRecord(home, key, record);
  const standing = await readRecord(home, key, evaluationSchema);
  if (standing === null) {
    throw new Error(`Cannot evaluate ${home.location}/${key}: it vanished`);
  }
  return standing;
}

function planRun(
  home: ObjectStore,
  { checkpoint, dataset, cases, which }: PlannedEvaluation,
  { given, engine, coordination, config }: RunSettings,
  runId: string,
): SegmentRun {
  const { name, sha256, card } = checkpoint;
  return {
    format: 1,
    kind: "segment",
    runId,
    createdAt: new Date().toISOString(),
    codeVersion: VERSION,
    dataset: {
      name: dataset.name,
      location: dataset.location,
      digest: dataset.digest,
      ...(which === "all" ? {} : { fold: which.fold }),
    },
    coordination,
    ...(config?.pricePerHour === undefined ? {} : {
      price: { perHour: config.pricePerHour, currency: config.currency },
    }),
    checkpoints: [{
      name,
      location: `${home.location}/${checkpointFileKey(name)}`,
      sha256,
    }],
    options: frozenOptions(
      { ...given, saveProbabilities: false },
      card,
      engine.device,
    ),
    engine,
    classes: [...card.classes],
    cases: [...cases],
  };
}
