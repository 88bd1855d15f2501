/**
 * Times the stages of a case's way, and says of a failure in which one it happened.
 * @module
 */
import { CaseError, type Stage } from "../../shared/case_error.ts";

export type SecondsPerStage = Partial<Record<Stage, number>>;

/** What JavaScript says when an array does not fit into memory. */
const TOO_LARGE = /allocation failed|Invalid typed array length/i;

/**
 * Does the work of a stage and notes the seconds it took.
 *
 * @throws {CaseError} with case and stage, for what the work throws of this class, and kind
 *   `outOfMemory` where memory did not suffice; anything else as it is.
 */
export async function inStage<T>(
  stage: Stage,
  caseId: string,
  secondsPerStage: SecondsPerStage,
  work: () => T | Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  try {
    return await work();
  } catch (error) {
    if (error instanceof CaseError) throw error.at(caseId, stage);
    if (error instanceof RangeError && TOO_LARGE.test(error.message)) {
      const problem = `memory does not suffice (${error.message})`;
      throw new CaseError("outOfMemory", problem, { cause: error })
        .at(caseId, stage);
    }
    throw error;
  } finally {
    const seconds = (performance.now() - startedAt) / 1000;
    secondsPerStage[stage] = (secondsPerStage[stage] ?? 0) + seconds;
  }
}
