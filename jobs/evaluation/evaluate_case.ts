/**
 * Measures one mask against its label and records it.
 * @module
 */
import { CaseError } from "../../shared/case_error.ts";
import type { FileRef } from "../../shared/datasets/dataset.ts";
import { readNifti, readNiftiLabel } from "../../shared/imaging/nifti/read.ts";
import {
  type CaseMetrics,
  measureCase,
} from "../../shared/metrics/case_metrics.ts";
import { commitFailure, commitResult } from "../../shared/runs/commit.ts";
import type {
  EvaluateCase,
  EvaluateRun,
  Input,
} from "../../shared/runs/records.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { VERSION } from "../../shared/version.ts";
import { readInput } from "../segmentation/read_case.ts";
import type { CaseEnd } from "../segmentation/work_case.ts";

/** @returns how the case ended, as it is recorded. */
export async function evaluateCase(
  run: EvaluateRun,
  store: ObjectStore,
  item: EvaluateCase,
  mask: FileRef,
  round: number,
  open: (location: string) => ObjectStore,
): Promise<CaseEnd> {
  const startedAt = new Date();
  const common = {
    format: 1,
    runId: run.runId,
    caseId: item.caseId,
    attempt: crypto.randomUUID(),
    codeVersion: VERSION,
  } as const;
  let measured;
  try {
    measured = await measure(run.classes, item, mask, open);
  } catch (error) {
    if (!(error instanceof CaseError) || error.kind === "storage") throw error;
    const told = error.at(item.caseId, "measure");
    const failure = await commitFailure(store, {
      ...common,
      round,
      failedAt: new Date().toISOString(),
      kind: told.kind,
      stage: told.stage ?? "measure",
      message: told.message,
    });
    return { status: "failed", failure };
  }
  const result = await commitResult(store, {
    ...common,
    startedAt: startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    ...measured,
    outputs: [],
    secondsPerStage: { measure: (Date.now() - startedAt.getTime()) / 1000 },
  });
  return { status: "done", result };
}

async function measure(
  classes: readonly string[],
  { label, image, unit }: EvaluateCase,
  mask: FileRef,
  open: (location: string) => ObjectStore,
): Promise<{ inputs: Input[]; metrics: CaseMetrics }> {
  const maskFile = await readInput(mask, "mask", open, readNiftiLabel);
  const labelFile = await readInput(label, "label", open, readNiftiLabel);
  // The image is read only where it adds figures.
  const imageFile = unit === "SUV" && image !== undefined
    ? await readInput(image, "image", open, readNifti)
    : undefined;
  const metrics = measureCase({
    mask: maskFile.content.volume,
    label: labelFile.content.volume,
    unit,
    classes,
    ...(imageFile === undefined ? {} : { image: imageFile.content.volume }),
  });
  const inputs = [maskFile.input, labelFile.input];
  if (imageFile !== undefined) inputs.push(imageFile.input);
  return { inputs, metrics };
}
