/**
 * The checkpoints of a home, as they were registered.
 * @module
 */
import { mapParallel } from "../../../shared/datasets/map_parallel.ts";
import {
  checkpointOfRecord,
  checkpointRecordKey,
  CHECKPOINTS,
} from "../../../shared/runs/home/keys.ts";
import {
  type RegisteredCheckpoint,
  registeredCheckpointSchema,
} from "../../../shared/runs/home/records.ts";
import { readRecord } from "../../../shared/runs/record_io.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { UsageError } from "../../cli/usage_error.ts";

/** Records read at a time. */
const PARALLEL_READS = 16;

export interface Registry {
  /** Those registered first come first. */
  readonly checkpoints: readonly RegisteredCheckpoint[];
  /** Records that cannot be understood: the others are evaluated nevertheless. */
  readonly problems: readonly string[];
}

/** Reads every registered checkpoint's record; none of their files. */
export async function readRegistry(
  home: ObjectStore,
  signal?: AbortSignal,
): Promise<Registry> {
  const names: string[] = [];
  const options = signal === undefined ? {} : { signal };
  for await (const { key } of home.list(CHECKPOINTS, options)) {
    const name = checkpointOfRecord(key);
    if (name !== null) names.push(name);
  }
  const problems: string[] = [];
  const records = await mapParallel(names, PARALLEL_READS, async (name) => {
    try {
      const key = checkpointRecordKey(name);
      const record = await readRecord(home, key, registeredCheckpointSchema);
      if (record === null || record.name === name) return record;
      throw new SyntaxError(
        `Cannot use ${home.location}/${key}: it is of "${record.name}"`,
      );
    } catch (error) {
      const isItsOwn = error instanceof SyntaxError ||
        error instanceof RangeError;
      if (!isItsOwn) throw error;
      problems.push(error.message);
      return null;
    }
  });
  const checkpoints = records.filter((record) => record !== null)
    .sort(byRegistration);
  return { checkpoints, problems };
}

/**
 * Tells a home from a place that is none, by its listing alone.
 *
 * @throws {UsageError} when no checkpoint is registered there.
 */
export async function requireRegistered(
  home: ObjectStore,
  signal: AbortSignal,
): Promise<void> {
  for await (const { key } of home.list(CHECKPOINTS, { signal })) {
    if (checkpointOfRecord(key) !== null) return;
  }
  throw new UsageError(
    `No checkpoint is registered in ${home.location}: \`uptake register\` does it`,
  );
}

/** Whoever was registered first comes first; of two at the same time, the name decides. */
export function byRegistration(
  a: RegisteredCheckpoint,
  b: RegisteredCheckpoint,
): number {
  const ends = [a, b].map(({ registeredAt, name }) =>
    `${new Date(registeredAt).toISOString()} ${name}`
  );
  return ends[0]! < ends[1]! ? -1 : 1;
}

/** Whether no other of its family and fold was registered after it. */
export function isNewest(
  checkpoint: RegisteredCheckpoint,
  checkpoints: readonly RegisteredCheckpoint[],
): boolean {
  const { family, fold } = checkpoint;
  const line = checkpoints.filter((other) =>
    other.family === family && other.fold === fold
  ).sort(byRegistration);
  return line.at(-1)?.name === checkpoint.name;
}
