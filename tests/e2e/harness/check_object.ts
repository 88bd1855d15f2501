/**
 * What must hold of each object of a run, whenever it is read.
 * @module
 */
import { MASK_FILE } from "../../../shared/runs/commit.ts";
import {
  caseOfMask,
  caseOfResult,
  parseClaimKey,
  parseFailureKey,
} from "../../../shared/runs/keys.ts";
import {
  cancelSchema,
  type Claim,
  claimSchema,
  type Failure,
  failureSchema,
  type Output,
  type Result,
  resultSchema,
  retrySchema,
  runSchema,
  runSummarySchema,
  workerRecordSchema,
} from "../../../shared/runs/records.ts";
import { sha256 } from "../../../shared/runs/sha256.ts";
import { isSame, parseRecord } from "./checked_records.ts";
import type { History } from "./history.ts";
import type { Scene } from "./scene.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** All that was learnt of a run so far. */
export interface Known {
  readonly scene: Scene;
  readonly history: History;
  readonly isExpected: (failure: Failure) => boolean;
  /** Of every object there is, as last listed. */
  readonly versions: Map<string, string>;
  /** Of objects that must never change, as first read. */
  readonly bodies: Map<string, Bytes>;
  readonly results: Map<string, Result>;
  readonly failures: Map<string, Failure>;
  /** Who made the claim under a key. */
  readonly claimOwners: Map<string, string>;
}

/** Must it stay once it is there, as it is? */
export function isFinal(key: string): boolean {
  return /^(run\.json$|results\/|failures\/|retries\/|masks\/|attempts\/)/.test(
    key,
  );
}

/** @throws {Violation} */
export async function checkObject(known: Known, key: string): Promise<void> {
  const { history, scene: { store, place } } = known;
  const object = await store.get(key);
  const [folder] = key.split("/", 1);
  if (object === null) {
    if (isFinal(key)) throw history.violation(`${key} was there and is gone`);
    return;
  }
  const { body } = object;
  // Attempts that nobody has committed may be anything.
  if (folder !== "attempts" && isFinal(key)) requireUnchanged(known, key, body);
  switch (folder) {
    case "results":
      return await checkResult(
        known,
        key,
        parseRecord(history, key, body, resultSchema),
      );
    case "failures":
      return checkFailure(
        known,
        key,
        parseRecord(history, key, body, failureSchema),
      );
    case "claims":
      return checkClaim(
        known,
        key,
        parseRecord(history, key, body, claimSchema),
      );
    case "masks":
      return checkMask(known, key, body);
    case "attempts":
      return await checkAttempt(known, key, body);
    case "workers":
      return void parseRecord(history, key, body, workerRecordSchema);
    case "retries":
      return void parseRecord(history, key, body, retrySchema);
    case "run.json":
      return void parseRecord(history, key, body, runSchema);
    case "summary.json": {
      const { coverage: { expected } } = parseRecord(
        history,
        key,
        body,
        runSummarySchema,
      );
      if (expected === place.caseIds.length) return;
      throw history.violation(`${key} expects ${expected} cases`);
    }
    case "cancel.json":
      return void parseRecord(history, key, body, cancelSchema);
    default:
      if (key.startsWith(".uptake-probe-")) return;
      throw history.violation(`${key} is nothing that belongs into a run`);
  }
}

function requireUnchanged(
  { bodies, history }: Known,
  key: string,
  body: Bytes,
): void {
  const first = bodies.get(key);
  if (first === undefined) bodies.set(key, body);
  else if (!isSame(first, body)) {
    throw history.violation(`${key} has changed`);
  }
}

async function checkResult(
  { scene: { place, run, store }, history, results }: Known,
  key: string,
  result: Result,
): Promise<void> {
  const { caseId, attempt, outputs } = result;
  if (results.has(caseId)) return;
  history.add(`"${caseId}" is committed by attempt ${attempt}`);
  if (caseOfResult(key) !== caseId || !place.caseIds.includes(caseId)) {
    throw history.violation(`${key} is the result of "${caseId}"`);
  }
  if (result.runId !== run.runId) {
    throw history.violation(`${key} is of the run ${result.runId}`);
  }
  for (const output of outputs) {
    if (!output.key.startsWith(`attempts/${caseId}/${attempt}/`)) {
      throw history.violation(`${key} names ${output.key} of another attempt`);
    }
    const payload = await store.get(output.key);
    if (payload === null) {
      throw history.violation(`${key} is committed without ${output.key}`);
    }
    await requireCommitted(history, output, payload.body);
  }
  const mask = outputs.find(({ name }) => name === MASK_FILE);
  const undisturbed = await sha256(place.masks.get(caseId)!);
  if (mask?.sha256 !== undisturbed) {
    throw history.violation(
      `The mask of "${caseId}" is not what an undisturbed worker makes`,
    );
  }
  results.set(caseId, result);
}

async function requireCommitted(
  history: History,
  output: Output,
  body: Bytes,
): Promise<void> {
  const { key, bytes, sha256: hash } = output;
  const found = await sha256(body);
  if (body.length === bytes && found === hash) return;
  throw history.violation(
    `${key} has ${body.length} bytes of sha256 ${found}, ${bytes} of ${hash} are committed`,
  );
}

/** What is committed may be written again, but only as it is. */
async function checkAttempt(
  { results, history }: Known,
  key: string,
  body: Bytes,
): Promise<void> {
  for (const { outputs } of results.values()) {
    const output = outputs.find((output) => output.key === key);
    if (output !== undefined) await requireCommitted(history, output, body);
  }
}

function checkFailure(
  { failures, history, isExpected, scene: { run } }: Known,
  key: string,
  failure: Failure,
): void {
  if (failures.has(key)) return;
  const { caseId, round, kind, message } = failure;
  history.add(`"${caseId}" fails in round ${round}: ${message}`);
  const parsed = parseFailureKey(key);
  if (parsed?.caseId !== caseId || parsed.round !== round) {
    throw history.violation(`${key} is of "${caseId}" in round ${round}`);
  }
  if (failure.runId !== run.runId) {
    throw history.violation(`${key} is of the run ${failure.runId}`);
  }
  if (kind === "storage" || !isExpected(failure)) {
    throw history.violation(`${key} tells a failure of nothing: ${message}`);
  }
  failures.set(key, failure);
}

function checkClaim(
  { claimOwners, history }: Known,
  key: string,
  { caseId, generation, workerId, state }: Claim,
): void {
  const parsed = parseClaimKey(key);
  if (parsed?.caseId !== caseId || parsed.generation !== generation) {
    throw history.violation(`${key} claims "${caseId}" for ${generation}`);
  }
  const owner = claimOwners.get(key);
  if (owner === undefined) {
    history.add(`${workerId} claims "${caseId}", generation ${generation}`);
    claimOwners.set(key, workerId);
  } else if (owner !== workerId) {
    throw history.violation(`${key} was ${owner}'s, now it is ${workerId}'s`);
  }
  if (state === "released") history.add(`${workerId} releases "${caseId}"`);
}

function checkMask(
  { scene: { place }, history }: Known,
  key: string,
  body: Bytes,
): void {
  const undisturbed = place.masks.get(caseOfMask(key));
  if (undisturbed !== undefined && isSame(body, undisturbed)) return;
  throw history.violation(`${key} is not what an undisturbed worker makes`);
}
