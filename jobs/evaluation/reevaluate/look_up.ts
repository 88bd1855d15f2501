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
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { substore } from "../../../shared/storage/substore.ts";
import { readDerived } from "./derived.ts";
import type { PlannedEvaluation } from "./plan_evaluations.ts";

export type EvaluationState =
  | { readonly type: "new" }
  /** Begun, by a night that ended too early or one that still works. */
  | {
    readonly type: "open";
    readonly evaluation: Evaluation;
    readonly isSummaryDamaged: boolean;
  }
  | {
    readonly type: "done";
    readonly evaluation: Evaluation;
    readonly summary: RunSummary;
  };

/** Whether every case has a record that can be read. */
export function isRecorded({ missing, damaged }: Coverage): boolean {
  return missing === 0 && damaged === undefined;
}

/**
 * Two reads: an evaluation is done when its run's summary says that every case is recorded. A damaged summary
 * says nothing.
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
  const run = substore(home, runFolder(evaluation.runId));
  const summary = await readDerived(run, SUMMARY_KEY, runSummarySchema, say);
  if (summary === "damaged") {
    return { type: "open", evaluation, isSummaryDamaged: true };
  }
  const isDone = summary !== null && isRecorded(summary.coverage) &&
    summary.coverage.expected === cases.length;
  return isDone
    ? { type: "done", evaluation, summary }
    : { type: "open", evaluation, isSummaryDamaged: false };
}
