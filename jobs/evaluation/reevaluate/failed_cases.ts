/**
 * The failed cases of an evaluation, and which of them another night may do better with.
 * @module
 */
import type { FailureKind } from "../../../shared/case_error.ts";
import {
  failureKey,
  FAILURES,
  parseFailureKey,
} from "../../../shared/runs/keys.ts";
import { readOwnRecords } from "../../../shared/runs/own_records.ts";
import { type Failure, failureSchema } from "../../../shared/runs/records.ts";
import { readRunState, type RunState } from "../../../shared/runs/run_state.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";

/** What tells of the machine, the hour or the store, and not of the case alone. */
const PASSING: ReadonlySet<FailureKind> = new Set([
  "engine",
  "outOfMemory",
  "timeout",
  "workerDied",
  "storage",
]);

/** A case that failed so often is left to people: a case that kills its workers costs as much each night. */
const MOST_TRIES = 3;

export interface FailedCase extends Pick<Failure, "caseId" | "kind"> {
  readonly message: string;
  /** Whether the next night tries it again. */
  readonly isTriedAgain: boolean;
}

export interface FailedCases {
  /** Where the run stood when it was looked at. */
  readonly state: RunState;
  /** In the order of the cases; without those whose records cannot be understood. */
  readonly cases: readonly FailedCase[];
}

/** Reads what of the cases has failed in the round it is in. */
export async function readFailedCases(
  run: ObjectStore,
  runId: string,
  caseIds: readonly string[],
): Promise<FailedCases> {
  const state = await readRunState(run);
  const { failed, rounds } = state;
  if (failed.size === 0) return { state, cases: [] };
  const { records } = await readOwnRecords(run, {
    runId,
    caseIds: caseIds.filter((caseId) => failed.has(caseId)),
    keyOf: (caseId) => failureKey(caseId, rounds.get(caseId) ?? 0),
    schema: failureSchema,
  });
  const tries = await countTries(run);
  const cases = records.map(({ caseId, kind, message }) => ({
    caseId,
    kind,
    message,
    isTriedAgain: PASSING.has(kind) && (tries.get(caseId) ?? 0) < MOST_TRIES,
  }));
  return { state, cases };
}

/** How often each case has failed, in all rounds. */
async function countTries(run: ObjectStore): Promise<Map<string, number>> {
  const tries = new Map<string, number>();
  for await (const { key } of run.list(FAILURES)) {
    const caseId = parseFailureKey(key)?.caseId;
    if (caseId !== undefined) tries.set(caseId, (tries.get(caseId) ?? 0) + 1);
  }
  return tries;
}
