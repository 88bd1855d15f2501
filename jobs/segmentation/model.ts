/**
 * The model of a run: one or several checkpoints that see the same grid, compiled once for all cases.
 * @module
 */
import { CaseError } from "../../shared/case_error.ts";
import type { CompiledNetwork, Engine } from "../../shared/engine/engine.ts";
import type { Vec3 } from "../../shared/imaging/volume.ts";
import {
  type Checkpoint,
  readCheckpoint,
} from "../../shared/network/checkpoint.ts";
import { buildNetwork } from "../../shared/network/networks.ts";
import { inferShapes } from "../../shared/network/shapes.ts";
import type { CheckpointRef } from "../../shared/runs/records.ts";
import { sha256 } from "../../shared/runs/sha256.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";

/** The largest checkpoint read: the full-size network takes 214 MB. */
const MAX_CHECKPOINT_BYTES = 2 ** 31 - 1;

export interface LoadedCheckpoint extends Checkpoint {
  readonly ref: CheckpointRef;
  /** The file; weights may be views of it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Reads and checks a checkpoint. */
export async function loadCheckpoint(
  store: ObjectStore,
  key: string,
): Promise<LoadedCheckpoint> {
  const object = await store.get(key, { maxBytes: MAX_CHECKPOINT_BYTES });
  const location = `${store.location}/${key}`;
  if (object === null) {
    throw new CaseError("model", `there is no checkpoint at ${location}`);
  }
  try {
    return {
      ...readCheckpoint(object.body),
      bytes: object.body,
      ref: {
        name: key.replace(/\.safetensors$/, ""),
        location,
        sha256: await sha256(object.body),
      },
    };
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    throw new CaseError(
      error.kind,
      `cannot read the checkpoint ${location}: ${error.problem}`,
      { cause: error },
    );
  }
}

/**
 * Refuses checkpoints that cannot be averaged: they must see the same grid, name the same classes
 * and use the same window; and a window that their networks cannot take.
 *
 * @param roi the window, where it is not the checkpoints'
 * @throws {RangeError} naming the first difference, or what the window must be.
 */
export function checkCompatible(
  checkpoints: readonly LoadedCheckpoint[],
  roi?: Vec3,
) {
  const [first, ...others] = checkpoints;
  if (first === undefined) throw new RangeError("No checkpoint is given");
  for (const { card } of checkpoints) {
    const graph = buildNetwork(card.network);
    inferShapes(graph, [1, graph.inChannels, ...roi ?? card.roi]);
  }
  for (const other of others) {
    for (
      const part of ["classes", "channels", "preprocessing", "roi"] as const
    ) {
      const [a, b] = [first, other].map(({ card }) =>
        JSON.stringify(card[part])
      );
      if (a !== b) {
        throw new RangeError(
          `Cannot average ${first.ref.name} and ${other.ref.name}: their ${part} differ (${a} and ${b})`,
        );
      }
    }
  }
}

/** Compiled checkpoints of a run, on one engine, for one window. */
export interface Model {
  readonly checkpoints: readonly Checkpoint[];
  readonly networks: readonly CompiledNetwork[];
  readonly roi: Vec3;
  readonly batch: number;
  dispose(): Promise<void>;
}

/** Compiles every checkpoint for batches of windows; what was compiled is freed if one fails. */
export async function compileModel(
  engine: Engine,
  checkpoints: readonly Checkpoint[],
  roi: Vec3,
  batch: number,
): Promise<Model> {
  const networks: CompiledNetwork[] = [];
  const dispose = async () => {
    for (const network of networks) await network.dispose();
  };
  try {
    for (const { card, weights } of checkpoints) {
      const graph = buildNetwork(card.network);
      networks.push(
        await engine.compile(graph, weights, [batch, graph.inChannels, ...roi]),
      );
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { checkpoints, networks, roi, batch, dispose };
}
