/**
 * Makes up for workers that died between a commit and publishing its mask.
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";
import { publishMask } from "./commit.ts";
import { maskKey, MASKS, resultKey } from "./keys.ts";
import { readRecords } from "./record_io.ts";
import { resultSchema } from "./records.ts";

export interface Republished {
  readonly published: number;
  /** Cases whose committed mask is missing or not what was committed. */
  readonly damaged: readonly string[];
}

/**
 * Publishes committed masks that are missing.
 *
 * @param done the cases with a result
 * @param say told of every one that cannot be published
 */
export async function republishMasks(
  store: ObjectStore,
  done: Iterable<string>,
  say: (line: string) => void,
): Promise<Republished> {
  const missing = new Map<string, string>();
  for (const caseId of done) missing.set(maskKey(caseId), caseId);
  for await (const { key } of store.list(MASKS)) missing.delete(key);
  const keys = [...missing.values()].map(resultKey);
  const results = await readRecords(store, keys, resultSchema);
  const damaged: string[] = [];
  for (const result of results) {
    try {
      await publishMask(store, result);
    } catch (error) {
      // One that is not what was committed is no reason to keep the others back.
      if (!(error instanceof RangeError)) throw error;
      damaged.push(result.caseId);
      say(error.message);
    }
  }
  return { published: results.length - damaged.length, damaged };
}
