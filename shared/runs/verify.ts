/**
 * Whether a committed result still stands: its inputs are the ones it was made from, its files are
 * the ones that were committed.
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";
import { MASK_FILE, readOutput } from "./commit.ts";
import { maskKey } from "./keys.ts";
import type { Result } from "./records.ts";
import { sha256 } from "./sha256.ts";

/**
 * What no longer stands of a committed result, as a sentence; null when all is as it was committed.
 *
 * @param readAll reread every file and compare its sha256; else sizes are compared
 */
export async function verifyResult(
  store: ObjectStore,
  result: Result,
  open: (location: string) => ObjectStore,
  readAll: boolean,
): Promise<string | null> {
  const done = `Case "${result.caseId}" is done, but its`;
  for (const input of result.inputs) {
    const now = await open(input.store).head(input.key);
    if (now === null) return `${done} ${input.role} ${input.key} is gone`;
    if (now.etag !== input.etag) {
      return `${done} ${input.role} ${input.key} has changed since (ETag ${input.etag}, now ${now.etag}): choose another output for the changed data`;
    }
  }
  const published = await checkPublished(store, result, readAll);
  if (published !== null) return published;
  for (const output of result.outputs) {
    try {
      if (readAll) await readOutput(store, result.caseId, output);
      else {
        const bytes = (await store.head(output.key))?.bytes ?? "no";
        if (bytes !== output.bytes) {
          return `${done} ${output.name} has ${bytes} bytes, ${output.bytes} were committed (${output.key})`;
        }
      }
    } catch (error) {
      if (error instanceof RangeError) return error.message;
      throw error;
    }
  }
  return null;
}

/** Whether the published copy of a mask, where it is there, is still the committed one. */
async function checkPublished(
  store: ObjectStore,
  result: Result,
  readAll: boolean,
): Promise<string | null> {
  const mask = result.outputs.find(({ name }) => name === MASK_FILE);
  if (mask === undefined) return null;
  const key = maskKey(result.caseId);
  const changed =
    `Case "${result.caseId}" is done, but ${key} is not the committed mask any more: move it away to have that published again`;
  if (!readAll) {
    const head = await store.head(key);
    return head === null || head.bytes === mask.bytes ? null : changed;
  }
  const object = await store.get(key);
  return object === null || await sha256(object.body) === mask.sha256
    ? null
    : changed;
}
