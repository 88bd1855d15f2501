/** @module What a night would do, line by line. */
import { about } from "./attempt.ts";
import { count } from "./cells.ts";
import { failuresText } from "./failures_text.ts";
import { casesToTryAgain, failedCasesOf } from "./look_up.ts";
import type { Outlook } from "./outlook.ts";

const VERBS = { new: "Evaluate", open: "Go on with", done: "Known" } as const;

export function outlookText({ planned, skipped, problems }: Outlook): string {
  return [
    ...planned.map(plannedText),
    ...skipped.map(({ checkpoint, dataset, reason }) =>
      `Skip: ${checkpoint} on ${dataset}: ${reason}`
    ),
    ...problems.map((problem) => `Problem: ${problem}`),
  ].join("\n");
}

function plannedText(
  { evaluation, state, location }: Outlook["planned"][number],
): string {
  const { which, seen, cases } = evaluation;
  const what = which === "all"
    ? count(cases.length, "labelled case")
    : `${count(cases.length, "validation case")} of fold ${which.fold}`;
  const doubt = seen === "unknown" ? ", may have seen these" : "";
  const run = state.type === "new" ? "" : `, run ${state.evaluation.runId}`;
  const nAgain = casesToTryAgain(state).length;
  const verb = state.type === "done" && nAgain > 0
    ? "Try again"
    : VERBS[state.type];
  const again = nAgain > 0 ? `, ${count(nAgain, "failed case")} again` : "";
  const line = `${verb}: ${about(evaluation, what)}${doubt}${run}${again}`;
  const failed = failedCasesOf(state);
  return location === null || failed.length === 0
    ? line
    : `${line}\n  ${failuresText(location, failed)}`;
}

export function outlookJson({ planned, skipped, problems }: Outlook) {
  return {
    planned: planned.map(({ evaluation, state, location }) => ({
      state: state.type,
      checkpoint: evaluation.checkpoint.name,
      dataset: evaluation.dataset.name,
      cases: evaluation.which,
      n: evaluation.cases.length,
      seen: evaluation.seen,
      evaluation: evaluation.hash,
      ...(state.type === "new" ? {} : {
        runId: state.evaluation.runId,
        location,
        failures: failedCasesOf(state),
      }),
    })),
    skipped,
    problems,
  };
}
