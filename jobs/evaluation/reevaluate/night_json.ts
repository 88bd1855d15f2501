/** @module A night as `--json` prints it. */
import type { Night } from "./night.ts";
import type { PlannedEvaluation } from "./plan_evaluations.ts";
import type { Evaluated } from "./rivals.ts";

export function nightJson({ evaluated, failed, ...rest }: Night) {
  return {
    evaluations: evaluated.map(evaluationJson),
    failed: failed.map(plannedJson),
    ...rest,
  };
}

function evaluationJson(one: Evaluated) {
  return {
    ...plannedJson(one),
    runId: one.runId,
    location: one.store.location,
    isNew: one.isNew,
    coverage: one.summary.coverage,
    failures: one.summary.failures.map(({ caseId, kind, message }) => ({
      caseId,
      kind,
      message,
    })),
    ...one.figures,
  };
}

function plannedJson({ checkpoint, dataset, hash, ...one }: PlannedEvaluation) {
  const { name, sha256, family, fold } = checkpoint;
  return {
    checkpoint: { name, sha256, family, fold },
    dataset: { name: dataset.name, digest: dataset.digest },
    cases: one.which,
    seen: one.seen,
    options: one.options,
    evaluation: hash,
  };
}
