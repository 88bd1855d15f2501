/**
 * Opens the failed cases of an evaluation that another night may do better with.
 * @module
 */
import { readCancel, withdrawCancel } from "../../../shared/runs/cancel.ts";
import { retryFailed } from "../../../shared/runs/retry.ts";
import type { RunState } from "../../../shared/runs/run_state.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import type { FailedCases } from "./failed_cases.ts";

/**
 * Opens one round for what had failed when the night looked around, so that it tries each once. What another
 * night has tried again since then is left as it is. A run that somebody cancelled stays so; one that was
 * stopped because its first case failed goes on.
 *
 * @param found what the night has found before it began
 * @returns where the run stands
 */
export async function tryAgain(
  run: ObjectStore,
  { state, cases }: FailedCases,
): Promise<RunState> {
  const again = cases.filter(({ isTriedAgain }) => isTriedAgain);
  if (again.length === 0) return state;
  const cancel = await readCancel(run);
  if (cancel !== null) {
    const isByFailure = again.some(({ message }) =>
      cancel.reason.includes(message)
    );
    if (!isByFailure) return state;
    // Before the round is there: whoever ends in between leaves a failure that the next night finds.
    await withdrawCancel(run);
  }
  return await retryFailed(run, state, again.map(({ caseId }) => caseId));
}
