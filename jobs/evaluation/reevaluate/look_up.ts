/**
 * How far an evaluation is.
 * @module
 */
import { evaluationKey, runFolder } from "../../../shared/runs/home/keys.ts";
import {
  type Evaluation,
  evaluationSchema,
} from "../../../shared/runs/home/records.ts";
import { SUMMARY_KEY } from "../../../shared/runs/keys.ts";
import { readRecord } from "../../../shared/runs/record_io.ts";
import {
  type Coverage,
  type RunSummary,
  runSummarySchema,
} from "../../../shared/runs/records.ts";
import { tells } from "../../../shared/runs/summarise.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { substore } from "../../../shared/storage/substore.ts";
import { readDerived } from "./derived.ts";
import {
  type FailedCase,
  type FailedCases,
  readFailedCases,
} from "./failed_cases.ts";
import type { PlannedEvaluation } from "./plan_evaluations.ts";

export type EvaluationState =
  | { readonly type: "new" }
  /** Begun, by a night that ended too early or one that still works. */
  | {
    readonly type: "open";
    readonly evaluation: Evaluation;
    readonly failed: FailedCases;
    readonly isSummaryDamaged: boolean;
  }
  | {
    readonly type: "done";
    readonly evaluation: Evaluation;
    /** Null: no case failed. */
    readonly failed: FailedCases | null;
    readonly summary: RunSummary;
  };

/** The failed cases that a night finding this tries again. */
export function casesToTryAgain(state: EvaluationState): readonly FailedCase[] {
  return failedCasesOf(state).filter(({ isTriedAgain }) => isTriedAgain);
}

/** The failed cases that are known. */
export function failedCasesOf(state: EvaluationState): readonly FailedCase[] {
  return state.type === "new" ? [] : state.failed?.cases ?? [];
}

/** Whether every case has a record that can be read. */
export function isRecorded({ missing, damaged }: Coverage): boolean {
  return missing === 0 && damaged === undefined;
}

/**
 * An evaluation is done when its run's summary says that every case is recorded: two reads. Where cases failed, it
 * must still be so: somebody may have opened them again. A damaged summary says nothing.
 */
export async function lookUp(
  home: ObjectStore,
  { hash, cases }: Pick<PlannedEvaluation, "hash" | "cases">,
  say: (line: string) => void,
): Promise<EvaluationState> {
  const evaluation = await readRecord(
    home,
    evaluationKey(hash),
    evaluationSchema,
  );
  if (evaluation === null) return { type: "new" };
  const { runId } = evaluation;
  const run = substore(home, runFolder(runId));
  const found = await readDerived(run, SUMMARY_KEY, runSummarySchema, say);
  const isSummaryDamaged = found === "damaged";
  const summary = isSummaryDamaged ? null : found;
  const isDone = summary !== null && isRecorded(summary.coverage) &&
    summary.coverage.expected === cases.length;
  if (isDone && summary.coverage.failed === 0) {
    return { type: "done", evaluation, failed: null, summary };
  }
  const ids = cases.map(({ caseId }) => caseId);
  const failed = await readFailedCases(run, runId, ids);
  return isDone && tells(summary, failed.state)
    ? { type: "done", evaluation, failed, summary }
    : { type: "open", evaluation, failed, isSummaryDamaged };
}
