/** @module A run, its cases and results, as small as the schemas allow. */
import type { Case } from "../../shared/datasets/dataset.ts";
import type {
  Result,
  SegmentRun,
  WorkerRecord,
} from "../../shared/runs/records.ts";
import { FileStore } from "../../shared/storage/file_store.ts";

/** Calls `use` with a store in a folder that is removed afterwards. */
export async function withFileStore(
  use: (store: FileStore, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(new FileStore(folder), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export function caseOf(caseId: string, key = `${caseId}.nii.gz`): Case {
  return {
    caseId,
    images: [{ store: "file:///scans", key }],
    unit: "unknown",
  };
}

export function runOf(
  change: Partial<SegmentRun> = {},
): SegmentRun {
  return {
    format: 1,
    kind: "segment",
    runId: "20260102T030405Z-000000",
    createdAt: "2026-01-02T03:04:05.000Z",
    codeVersion: "0.0.0",
    checkpoints: [{
      name: "a",
      location: "file:///a.safetensors",
      sha256: "a".repeat(64),
    }],
    options: {
      overlap: 0.5,
      roi: [32, 32, 32],
      swBatch: 1,
      mode: "gaussian",
      tta: "none",
      minLesionMl: 0,
      saveProbabilities: false,
    },
    engine: { name: "onnx", device: "cpu", version: "1", threads: 2 },
    classes: ["background", "tumour"],
    cases: [caseOf("c1"), caseOf("c2")],
    ...change,
  };
}

export function resultOf(
  caseId: string,
  attempt: string,
  change: Partial<Result> = {},
): Result {
  return {
    format: 1,
    runId: "20260102T030405Z-000000",
    caseId,
    attempt,
    codeVersion: "0.0.0",
    startedAt: "2026-01-02T03:04:05.000Z",
    endedAt: "2026-01-02T03:04:06.000Z",
    inputs: [],
    outputs: [],
    metrics: { labelled: false, unit: "unknown", classes: [] },
    secondsPerStage: { segment: 1 },
    ...change,
  };
}

export function workerRecordOf(
  workerId: string,
  change: Partial<WorkerRecord> = {},
): WorkerRecord {
  return {
    format: 1,
    runId: "20260102T030405Z-000000",
    workerId,
    index: 0,
    startedAt: "2026-01-02T03:04:05.000Z",
    updatedAt: "2026-01-02T03:04:06.000Z",
    state: "working",
    codeVersion: "0.0.0",
    engine: { name: "onnx", device: "cpu", version: "1", threads: 2 },
    cases: { done: 0, failed: 0, left: 0 },
    failures: {},
    current: null,
    windows: 0,
    elapsedSeconds: 1,
    busySeconds: 0.5,
    firstForwardAt: null,
    lastForwardAt: null,
    ...change,
  };
}
