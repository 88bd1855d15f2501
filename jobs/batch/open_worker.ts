/**
 * From a run's location to a worker that can do its cases here, or the reason why it cannot.
 * @module
 */
import { CaseError } from "../../shared/case_error.ts";
import { engineChoice } from "../../shared/engine/choose.ts";
import { readRun } from "../../shared/runs/freeze.ts";
import type { SegmentRun } from "../../shared/runs/records.ts";
import { readAllCases } from "../../shared/runs/run_state.ts";
import { shardOf, workOrder } from "../../shared/runs/work_order.ts";
import { lastWriterWins } from "../../shared/storage/last_writer.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { explain } from "../cli/explain.ts";
import { type Compute, openCompute } from "../segmentation/compute.ts";
import {
  loadCheckpoint,
  type LoadedCheckpoint,
} from "../segmentation/model.ts";
import type { BatchWorker } from "./work_run.ts";

/** A worker that can never do this run here: trying again is of no use. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** One part of a run's cases, of so many. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export type OpenedWorker = Pick<
  BatchWorker,
  "run" | "store" | "all" | "order" | "termSeconds"
>;

/** How long a claim holds that its run does not say it of. */
const DEFAULT_TERM_SECONDS = 120;

/**
 * Reads the run and decides which of its cases this worker may take.
 *
 * @param shard the worker's part, or null to share all cases by claims
 * @throws {ConfigurationError} when there is no such run, or it cannot be worked on so.
 */
export async function openRun(
  store: ObjectStore,
  shard: Shard | null,
): Promise<OpenedWorker> {
  const run = await asConfiguration(() => readRun(store, "segment"));
  if (run === null) {
    throw new ConfigurationError(`There is no run in ${store.location}`);
  }
  const all = await readAllCases(store, run);
  const order = workOrder(all);
  const { coordination } = run;
  if (shard !== null) {
    if (coordination?.kind === "shards" && coordination.count !== shard.count) {
      throw new ConfigurationError(
        `The run has ${coordination.count} shards, this worker was told of ${shard.count}`,
      );
    }
    return {
      run,
      // Whoever froze the run found out what its store can do.
      store: coordination?.kind === "shards" ? lastWriterWins(store) : store,
      all,
      order: await asConfiguration(() =>
        shardOf(order, shard.index, shard.count)
      ),
      termSeconds: null,
    };
  }
  if (coordination?.kind === "shards") {
    throw new ConfigurationError(
      `The run in ${store.location} is made for ${coordination.count} shards: give --shard auto or --shard 0/${coordination.count}`,
    );
  }
  const termSeconds = coordination?.termSeconds ?? DEFAULT_TERM_SECONDS;
  return { run, store, all, order, termSeconds };
}

/**
 * Opens the run's engine with the run's checkpoints.
 *
 * @throws {ConfigurationError} when this machine lacks the engine, device or threads, or the
 *   checkpoints are no longer what the run was made with.
 */
export async function openRunCompute(
  run: SegmentRun,
  open: (location: string) => ObjectStore,
): Promise<Compute> {
  return await asConfiguration(async () => {
    const checkpoints: LoadedCheckpoint[] = [];
    for (const { location, sha256 } of run.checkpoints) {
      const slash = location.lastIndexOf("/");
      const store = open(location.slice(0, slash));
      const loaded = await loadCheckpoint(store, location.slice(slash + 1));
      if (loaded.ref.sha256 !== sha256) {
        throw new ConfigurationError(
          `The checkpoint ${location} has changed: its sha256 is ${loaded.ref.sha256}, the run was made with ${sha256}`,
        );
      }
      checkpoints.push(loaded);
    }
    const { card } = checkpoints[0]!;
    return await openCompute(
      { card, classes: run.classes, options: run.options },
      {
        engine: engineChoice(run.engine),
        checkpoints: checkpoints.map(({ bytes }) => bytes),
        options: run.options,
      },
    );
  });
}

/** Refusals that no other try would change; storage that is out of reach is none. */
async function asConfiguration<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const isFinal = cause instanceof RangeError ||
      cause instanceof SyntaxError ||
      cause instanceof CaseError && cause.kind !== "storage";
    if (!isFinal) throw cause;
    throw new ConfigurationError(explain(cause), { cause });
  }
}
