/**
 * How a case's end becomes visible: payloads first, under a name of their own attempt; then one
 * conditional create of the record that names them; then a published copy of the mask.
 * Everything but the create may be done twice without harm.
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";
import { attemptKey, failureKey, maskKey, resultKey } from "./keys.ts";
import { createRecord, readRecord } from "./record_io.ts";
import {
  type Failure,
  failureSchema,
  type Output,
  type Result,
  resultSchema,
} from "./records.ts";
import { sha256 } from "./sha256.ts";

export const MASK_FILE = "mask.nii.gz";

export interface AttemptFile {
  readonly name: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

/** Writes the files of an attempt; nobody sees them before they are committed. */
export async function writeAttempt(
  store: ObjectStore,
  caseId: string,
  attempt: string,
  files: readonly AttemptFile[],
): Promise<Output[]> {
  return await Promise.all(files.map(async ({ name, body, contentType }) => {
    const key = attemptKey(caseId, attempt, name);
    await store.put(key, body, { contentType });
    return { name, key, bytes: body.length, sha256: await sha256(body) };
  }));
}

/**
 * Whether every file of an attempt still lies where it was written. A worker that stood still for
 * long asks before it commits: it may have been taken for dead, and its files for litter.
 */
export async function isWhole(
  store: ObjectStore,
  outputs: readonly Output[],
): Promise<boolean> {
  const heads = await Promise.all(outputs.map(({ key }) => store.head(key)));
  return outputs.every(({ bytes }, n) => heads[n]?.bytes === bytes);
}

/**
 * Commits a result. Exactly one attempt per case wins; the winner's record is returned, be it this
 * one or another's.
 */
export async function commitResult(
  store: ObjectStore,
  result: Result,
): Promise<Result> {
  const key = resultKey(result.caseId);
  if (await createRecord(store, key, result)) return result;
  // "Not created" may be our own success whose answer was lost: the record itself tells.
  const winner = await readRecord(store, key, resultSchema);
  if (winner === null) {
    throw new Error(`Cannot commit ${store.location}/${key}: it vanished`);
  }
  return winner;
}

/** Records a failure that would repeat; the first one of a round stands. */
export async function commitFailure(
  store: ObjectStore,
  failure: Failure,
): Promise<Failure> {
  const key = failureKey(failure.caseId, failure.round);
  if (await createRecord(store, key, failure)) return failure;
  return await readRecord(store, key, failureSchema) ?? failure;
}

/**
 * Copies a committed mask to where other tools look for it, unless it is there already.
 *
 * @throws {RangeError} when the committed file is missing or not what was committed.
 */
export async function publishMask(
  store: ObjectStore,
  result: Result,
): Promise<void> {
  const mask = result.outputs.find(({ name }) => name === MASK_FILE);
  if (mask === undefined) return;
  // Whatever stands there already may be somebody's correction: it is never overwritten.
  if (await store.head(maskKey(result.caseId)) !== null) return;
  await store.put(
    maskKey(result.caseId),
    await readOutput(store, result.caseId, mask),
    { contentType: "application/gzip" },
  );
}

/**
 * A committed file, checked against the hash it was committed with.
 *
 * @throws {RangeError} when it is missing or differs.
 */
export async function readOutput(
  store: ObjectStore,
  caseId: string,
  output: Output,
): Promise<Uint8Array<ArrayBuffer>> {
  const object = await store.get(output.key, { maxBytes: output.bytes });
  const cannot = `Cannot read the ${output.name} of case "${caseId}"`;
  if (object === null) {
    throw new RangeError(`${cannot}: ${output.key} is not there`);
  }
  const found = await sha256(object.body);
  if (found !== output.sha256) {
    throw new RangeError(
      `${cannot}: ${output.key} has sha256 ${found}, ${output.sha256} was committed`,
    );
  }
  return object.body;
}
