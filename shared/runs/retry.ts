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
 * Opens a round for those of the cases that failed.
 *
 * @returns the state of the run after it, in which they are open again.
 */
export async function retryFailed(
  store: ObjectStore,
  state: RunState,
  caseIds: readonly string[],
): Promise<RunState> {
  const failed = caseIds.filter((caseId) => state.failed.has(caseId));
  if (failed.length === 0) return state;
  // Another process may open a round at the same time: the state is read again either way.
  await createRecord(store, retryKey(state.retries + 1), {
    createdAt: new Date().toISOString(),
    cases: failed,
  });
  return await readRunState(store);
}
