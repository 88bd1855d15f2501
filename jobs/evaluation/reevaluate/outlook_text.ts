/** @module What a night would do, line by line. */
import { about } from "./attempt.ts";
import { count } from "./cells.ts";
import type { Outlook } from "./outlook.ts";

const VERBS = { new: "Evaluate", open: "Go on with", done: "Known" } as const;

export function outlookText({ planned, skipped, problems }: Outlook): string {
  const lines = planned.map(({ evaluation, state }) => {
    const { which, seen, cases } = evaluation;
    const what = which === "all"
      ? count(cases.length, "labelled case")
      : `${count(cases.length, "validation case")} of fold ${which.fold}`;
    const doubt = seen === "unknown" ? ", may have seen these" : "";
    const run = state.type === "new" ? "" : `, run ${state.evaluation.runId}`;
    return `${VERBS[state.type]}: ${about(evaluation, what)}${doubt}${run}`;
  });
  const all = [
    ...lines,
    ...skipped.map(({ checkpoint, dataset, reason }) =>
      `Skip: ${checkpoint} on ${dataset}: ${reason}`
    ),
    ...problems.map((problem) => `Problem: ${problem}`),
  ];
  return all.length === 0
    ? "No checkpoint is registered: `uptake register` does it"
    : all.join("\n");
}

export function outlookJson({ planned, skipped, problems }: Outlook) {
  return {
    planned: planned.map(({ evaluation, state }) => ({
      state: state.type,
      checkpoint: evaluation.checkpoint.name,
      dataset: evaluation.dataset.name,
      cases: evaluation.which,
      n: evaluation.cases.length,
      seen: evaluation.seen,
      evaluation: evaluation.hash,
      ...(state.type === "new" ? {} : { runId: state.evaluation.runId }),
    })),
    skipped,
    problems,
  };
}
