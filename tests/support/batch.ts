/** @module Batch runs, frozen as `submit` freezes them. */
import {
  checkCompatible,
  loadCheckpoint,
} from "../../jobs/segmentation/model.ts";
import { freezeRun } from "../../shared/runs/freeze.ts";
import type { SegmentRun } from "../../shared/runs/records.ts";
import { FileStore } from "../../shared/storage/file_store.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { runOf } from "./runs.ts";

/** Freezes a run of `scans/<id>.nii.gz` with the nano checkpoint, both in `folder`. */
export async function freezeTestRun(
  store: ObjectStore,
  folder: string,
  ids: readonly string[],
  change: Partial<SegmentRun> = {},
): Promise<SegmentRun> {
  const home = new FileStore(folder);
  const checkpoint = await loadCheckpoint(home, "nano.safetensors");
  checkCompatible([checkpoint]);
  const scans = new FileStore(`${folder}/scans`);
  const run = runOf({
    checkpoints: [checkpoint.ref],
    engine: { name: "onnx", device: "cpu", version: "any", threads: 1 },
    coordination: { kind: "claims", termSeconds: 60 },
    cases: ids.map((caseId) => ({
      caseId,
      images: [{ store: scans.location, key: `${caseId}.nii.gz` }],
      unit: "unknown",
    })),
    ...change,
  });
  await freezeRun(store, run);
  return run;
}
