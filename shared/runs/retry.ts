/**
 * Opens the next round for failed cases: what failed once may be tried again, and every failure of
 * every round is kept.
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";
import { retryKey } from "./keys.ts";
import { createRecord } from "./record_io.ts";
import { readRunState, type RunState } from "./run_state.ts";

/**
 * Opens a round for those of the cases that failed. Another process may open one at the same time: then
 * what of them that round leaves out gets the next.
 *
 * @returns the state of the run after it, in which they are open again.
 */
export async function retryFailed(
  store: ObjectStore,
  before: RunState,
  caseIds: readonly string[],
): Promise<RunState> {
  let state = before;
  while (true) {
    const { failed, rounds, retries } = state;
    // One that was opened and has failed anew meanwhile was tried again as asked for.
    const cases = caseIds.filter((caseId) =>
      failed.has(caseId) && rounds.get(caseId) === before.rounds.get(caseId)
    );
    if (cases.length === 0) return state;
    await createRecord(store, retryKey(retries + 1), {
      createdAt: new Date().toISOString(),
      cases,
    });
    state = await readRunState(store);
  }
}
