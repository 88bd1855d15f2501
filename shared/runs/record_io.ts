/**
 * Reads and writes records: JSON objects, checked against their schema on every read.
 * @module
 */
import { z } from "zod";
import { mapParallel } from "../datasets/map_parallel.ts";
import type { ObjectStore } from "../storage/object_store.ts";

/** A record larger than this is refused unread; run.json with 10,000 cases takes about 5 MB. */
export const MAX_RECORD_BYTES = 256 * 1024 * 1024;

/**
 * The record under a key, or null when there is none.
 *
 * @throws {SyntaxError} when it is there but cannot be understood; says which and where.
 */
export async function readRecord<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
): Promise<T | null> {
  const object = await store.get(key, { maxBytes: MAX_RECORD_BYTES });
  if (object === null) return null;
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(object.body));
  } catch (cause) {
    throw new SyntaxError(
      `Cannot read ${store.location}/${key}: it is not JSON`,
      { cause },
    );
  }
  const result = schema.safeParse(json);
  if (!result.success) {
    throw new SyntaxError(
      `Cannot read ${store.location}/${key}: ${z.prettifyError(result.error)}`,
    );
  }
  return result.data;
}

/** Records read at a time: enough to hide a bucket's latency. */
const PARALLEL_READS = 16;

/** The records under keys, in their order; keys without a record are passed over. */
export async function readRecords<T>(
  store: ObjectStore,
  keys: readonly string[],
  schema: z.ZodType<T>,
): Promise<T[]> {
  const records = await mapParallel(
    keys,
    PARALLEL_READS,
    (key) => readRecord(store, key, schema),
  );
  return records.filter((record) => record !== null);
}

export interface ReadableRecords<T> {
  readonly records: readonly T[];
  /** Why the others cannot be understood, by their keys. */
  readonly damaged: ReadonlyMap<string, string>;
}

/**
 * As {@linkcode readRecords}, for whoever goes on with the others where a record cannot be understood.
 *
 * @param wrongAt what is wrong with a record that can be read, if anything
 */
export async function readReadable<T>(
  store: ObjectStore,
  keys: readonly string[],
  schema: z.ZodType<T>,
  wrongAt: (record: T, key: string) => string | null = () => null,
): Promise<ReadableRecords<T>> {
  const read = await mapParallel(keys, PARALLEL_READS, async (key) => {
    try {
      const record = await readRecord(store, key, schema);
      const wrong = record === null ? null : wrongAt(record, key);
      return wrong === null
        ? { key, record }
        : { key, problem: `Cannot use ${store.location}/${key}: ${wrong}` };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return { key, problem: error.message };
    }
  });
  // In the order of keys, whichever were read first.
  return {
    records: read.flatMap(({ record }) => record ?? []),
    damaged: new Map(
      read.flatMap(({ key, problem }) =>
        problem === undefined ? [] : [[key, problem]]
      ),
    ),
  };
}

/** The bytes of a record: readable JSON, the same for equal records. */
export function encodeRecord(record: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(record, null, 1)}\n`);
}

/** Creates the record if there is none; false when another stands there. */
export async function createRecord(
  store: ObjectStore,
  key: string,
  record: unknown,
): Promise<boolean> {
  return await store.create(key, encodeRecord(record), {
    contentType: "application/json",
  });
}

/** Writes a record that its only writer may rewrite. */
export async function writeRecord(
  store: ObjectStore,
  key: string,
  record: unknown,
): Promise<void> {
  await store.put(key, encodeRecord(record), {
    contentType: "application/json",
  });
}
