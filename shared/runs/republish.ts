/**
 * Makes up for workers that died between a commit and publishing its mask.
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";
import { publishMask } from "./commit.ts";
import { caseOfMask, MASKS, resultKey } from "./keys.ts";
import { readRecords } from "./record_io.ts";
import { resultSchema } from "./records.ts";

/**
 * Publishes committed masks that are missing.
 *
 * @param done the cases with a result
 * @returns how many were missing.
 * @throws {RangeError} when a committed file is missing or not what was committed.
 */
export async function republishMasks(
  store: ObjectStore,
  done: Iterable<string>,
): Promise<number> {
  const missing = new Set(done);
  for await (const { key } of store.list(MASKS)) {
    missing.delete(caseOfMask(key));
  }
  const keys = [...missing].map(resultKey);
  const results = await readRecords(store, keys, resultSchema);
  for (const result of results) await publishMask(store, result);
  return results.length;
}
