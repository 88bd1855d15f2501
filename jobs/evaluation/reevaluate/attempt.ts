/** @module What fails for one checkpoint on one dataset is told; the others go on. */
import { CaseError } from "../../../shared/case_error.ts";
import { ConfigurationError } from "../../batch/open_worker.ts";
import { explain } from "../../cli/explain.ts";
import type { PlannedEvaluation } from "./plan_evaluations.ts";

/** Of which evaluation a sentence speaks. */
export type Subject = Pick<PlannedEvaluation, "checkpoint" | "dataset">;

/** A sentence about an evaluation. */
export function about(
  { checkpoint, dataset }: Subject,
  problem: string,
): string {
  return `${checkpoint.name} on ${dataset.name}: ${problem}`;
}

/** Whether an error tells what is wrong with the one thing that was looked at. */
export function isItsOwn(error: unknown): error is Error {
  return error instanceof CaseError || error instanceof ConfigurationError ||
    error instanceof RangeError || error instanceof SyntaxError;
}

/**
 * What the work gives, or null when it fails for a reason of its own: a record or checkpoint that cannot be used, a
 * file or store out of reach. The reason is added to `problems`.
 *
 * @throws anything else, such as defects and the reason of an aborted signal.
 */
export async function attempt<T>(
  subject: Subject,
  problems: string[],
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!isItsOwn(error)) throw error;
    problems.push(about(subject, explain(error)));
    return null;
  }
}
