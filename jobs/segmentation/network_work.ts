/**
 * The windows of cases: a model on an engine, and what it makes of prepared cases.
 * @module
 */
import { chooseEngine, type EngineChoice } from "../../shared/engine/choose.ts";
import type { PreparedCase } from "../../shared/imaging/preprocess.ts";
import { readCheckpoint } from "../../shared/network/checkpoint.ts";
import type { EngineRef, SegmentOptions } from "../../shared/runs/records.ts";
import { compileModel } from "./model.ts";
import {
  type OnWindow,
  type PredictedMask,
  predictMask,
} from "./predict_mask.ts";
import { inStage, type SecondsPerStage } from "./stages.ts";

export interface NetworkSettings {
  readonly engine: EngineChoice;
  /** Checkpoint files; several are averaged. */
  readonly checkpoints: readonly Uint8Array<ArrayBuffer>[];
  readonly options: SegmentOptions;
}

export interface Segmented extends PredictedMask {
  readonly seconds: SecondsPerStage;
}

export interface NetworkWork {
  /** What computes here. */
  readonly engine: EngineRef;
  /** @throws {CaseError} in stage `segment`; the reason of {@linkcode NetworkWork.stop}. */
  segment(
    caseId: string,
    prepared: PreparedCase,
    onWindow: OnWindow,
  ): Promise<Segmented>;
  /** Ends the case in work at its next window, and lets no other begin. */
  stop(): void;
  close(): Promise<void>;
}

/**
 * Opens the engine and compiles the checkpoints.
 *
 * @throws {CaseError} kind `engine`, `outOfMemory` or `model`.
 * @throws {RangeError} when the engine's options do not go together.
 */
export async function createNetworkWork(
  { engine: choice, checkpoints, options }: NetworkSettings,
): Promise<NetworkWork> {
  const engine = await chooseEngine(choice);
  const model = await compileModel(
    engine,
    checkpoints.map(readCheckpoint),
    options.roi,
    options.swBatch,
  );
  const stopped = new AbortController();
  const { name, device, version, threads } = engine;
  return {
    engine: { name, device, version, threads },
    async segment(caseId, prepared, onWindow) {
      const seconds: SecondsPerStage = {};
      const { signal } = stopped;
      const found = await inStage(
        "segment",
        caseId,
        seconds,
        () => predictMask(prepared, model, options, signal, onWindow),
      );
      return { ...found, seconds };
    },
    stop: () => stopped.abort(),
    close: () => model.dispose(),
  };
}
