/**
 * Whether a committed result still stands: its inputs are the ones it was made from, its files are
 * the ones that were committed.
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";
import { readOutput } from "./commit.ts";
import type { Result } from "./records.ts";

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
