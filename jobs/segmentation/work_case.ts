/**
 * One worker's try at one case: read, segment, measure, write the attempt, commit, publish. It knows
 * nothing of claims or of other workers, so that `segment` and batch workers run the same function.
 * @module
 */
import { CaseError, type Stage } from "../../shared/case_error.ts";
import type { Case } from "../../shared/datasets/dataset.ts";
import { coronalMip } from "../../shared/imaging/mip/mip.ts";
import { encodePng } from "../../shared/imaging/mip/png.ts";
import { encodeMask, encodeNifti } from "../../shared/imaging/nifti/write.ts";
import {
  type CaseMetrics,
  measureCase,
  measureMask,
} from "../../shared/metrics/case_metrics.ts";
import {
  type AttemptFile,
  commitFailure,
  commitResult,
  MASK_FILE,
  publishMask,
  writeAttempt,
} from "../../shared/runs/commit.ts";
import type {
  EngineRef,
  Failure,
  Result,
  SegmentRun,
} from "../../shared/runs/records.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { VERSION } from "../../shared/version.ts";
import type { Model } from "./model.ts";
import { readCase } from "./read_case.ts";
import { segmentVolume } from "./segment_volume.ts";

/** Finer than most PET, so that outlines stay thin. */
const MIP_PIXEL_MM = 2;

export interface Worker {
  readonly run: SegmentRun;
  /** The run's folder. */
  readonly store: ObjectStore;
  readonly model: Model;
  /** What computes here and now: a run may go on with a newer version. */
  readonly engine: EngineRef;
  readonly signal: AbortSignal;
  /** Opens the stores that cases lie in. */
  open(location: string): ObjectStore;
  onWindow(caseId: string, done: number, total: number): void;
}

export type CaseEnd =
  | { readonly status: "done"; readonly result: Result }
  | { readonly status: "failed"; readonly failure: Failure };

/**
 * @param round of retries that the case is in
 * @returns how the case ended, as it is recorded
 * @throws what would not repeat: aborted by the signal, storage that cannot be reached, defects.
 */
export async function workCase(
  worker: Worker,
  item: Case,
  round: number,
): Promise<CaseEnd> {
  const { run, store } = worker;
  const attempt = crypto.randomUUID();
  const startedAt = new Date();
  const at = { runId: run.runId, caseId: item.caseId, attempt };
  let made;
  try {
    made = await makeFiles(worker, item);
  } catch (error) {
    // Storage that cannot be reached says nothing of the case: it is tried again, never recorded.
    if (!(error instanceof CaseError) || error.kind === "storage") throw error;
    const failure = await commitFailure(store, {
      format: 1,
      ...at,
      round,
      codeVersion: VERSION,
      failedAt: new Date().toISOString(),
      kind: error.kind,
      stage: error.stage ?? "read",
      message: error.message,
    });
    return { status: "failed", failure };
  }
  const { files, ...facts } = made;
  const writeStartedAt = performance.now();
  const outputs = await writeAttempt(store, item.caseId, attempt, files);
  const result = await commitResult(store, {
    format: 1,
    ...at,
    codeVersion: VERSION,
    startedAt: startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    outputs,
    checkpoints: run.checkpoints,
    options: run.options,
    engine: worker.engine,
    ...facts,
    secondsPerStage: {
      ...facts.secondsPerStage,
      write: (performance.now() - writeStartedAt) / 1000,
    },
  });
  await publishMask(store, result);
  return { status: "done", result };
}

type Facts = Pick<
  Result,
  "inputs" | "metrics" | "windows" | "secondsPerStage"
>;

/** Everything of an attempt that touches no record: the files and what is known of them. */
async function makeFiles(
  worker: Worker,
  item: Case,
): Promise<Facts & { files: AttemptFile[] }> {
  const { run, model, signal } = worker;
  const { caseId } = item;
  const secondsPerStage: Partial<Record<Stage, number>> = {};
  const stage = <T>(name: Stage, work: () => T | Promise<T>): Promise<T> =>
    timed(name, caseId, secondsPerStage, work);

  const { channels, header, label, inputs } = await stage(
    "read",
    () => readCase(item, worker.open),
  );
  const segmented = await stage("segment", () =>
    segmentVolume(
      channels,
      model,
      run.options,
      signal,
      (done, total) => worker.onWindow(caseId, done, total),
    ));
  Object.assign(secondsPerStage, segmented.secondsPerStage);
  const image = channels[0]!;
  const mask = { ...image, data: segmented.mask };
  const metrics = await stage("measure", (): CaseMetrics => {
    const shared = { mask, image, unit: item.unit, classes: run.classes };
    return label === undefined
      ? measureMask(shared)
      : measureCase({ ...shared, label });
  });
  const files = await stage("write", (): AttemptFile[] => {
    const picture = coronalMip(image, mask.data, {
      pixelMm: MIP_PIXEL_MM,
      ...(label === undefined ? {} : { label: label.data }),
    });
    return [
      {
        name: MASK_FILE,
        body: encodeMask(mask.data, header),
        contentType: "application/gzip",
      },
      {
        name: "mip.png",
        body: encodePng(picture),
        contentType: "image/png",
      },
      ...(segmented.probabilities === undefined ? [] : [{
        name: "probabilities.nii.gz",
        body: encodeNifti({
          data: segmented.probabilities,
          volumes: run.classes.length,
          like: header,
        }),
        contentType: "application/gzip",
      }]),
    ];
  });
  return {
    files,
    inputs: [...inputs],
    metrics,
    windows: segmented.windows,
    secondsPerStage,
  };
}

async function timed<T>(
  stage: Stage,
  caseId: string,
  secondsPerStage: Partial<Record<Stage, number>>,
  work: () => T | Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  try {
    return await work();
  } catch (error) {
    throw error instanceof CaseError ? error.at(caseId, stage) : error;
  } finally {
    secondsPerStage[stage] = (performance.now() - startedAt) / 1000;
  }
}
