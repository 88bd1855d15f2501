/**
 * Makes up for workers that died between a commit and publishing its mask.
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";
import { publishMask } from "./commit.ts";
import { SEGMENT_ELSEWHERE } from "./damage.ts";
import { maskKey, MASKS, resultKey } from "./keys.ts";
import { readReadable } from "./record_io.ts";
import { type Damage, resultSchema } from "./records.ts";

export interface Republished {
  readonly published: number;
  /** Cases whose committed mask is missing or not what was committed. */
  readonly damaged: readonly Damage[];
}

/**
 * Publishes committed masks that are missing. Results that cannot be understood are passed over.
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
  const { records } = await readReadable(store, keys, resultSchema);
  const damaged: Damage[] = [];
  for (const result of records) {
    try {
      await publishMask(store, result);
    } catch (error) {
      // One that is not what was committed is no reason to keep the others back.
      if (!(error instanceof RangeError)) throw error;
      const { caseId } = result;
      const problem = `${error.message}: ${SEGMENT_ELSEWHERE}`;
      damaged.push({ caseId, problem });
      say(problem);
    }
  }
  return { published: records.length - damaged.length, damaged };
}
