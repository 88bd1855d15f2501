/**
 * `uptake evaluate`: masks that exist already against labels.
 * @module
 */
import { z } from "zod";
import { petUnitSchema } from "../../shared/metrics/pet.ts";
import { RUN_KEY } from "../../shared/runs/keys.ts";
import { readRun } from "../../shared/runs/freeze.ts";
import { createRecord } from "../../shared/runs/record_io.ts";
import type { EvaluateRun } from "../../shared/runs/records.ts";
import { newRunId } from "../../shared/runs/run_id.ts";
import { retryFailed } from "../../shared/runs/retry.ts";
import { readRunState } from "../../shared/runs/run_state.ts";
import { writeRunSummary } from "../../shared/runs/summarise.ts";
import { verifyResult } from "../../shared/runs/verify.ts";
import { VERSION } from "../../shared/version.ts";
import { commaList, store } from "../cli/option_types.ts";
import { caseEndEvent } from "../cli/progress.ts";
import { summaryText } from "../cli/summary_text.ts";
import { asUsage, UsageError } from "../cli/usage_error.ts";
import { verb } from "../cli/verb.ts";
import { evaluateCase } from "../evaluation/evaluate_case.ts";
import { planEvaluation } from "../evaluation/plan_evaluation.ts";

export const evaluate = verb({
  name: "evaluate",
  summary: "Measure masks against labels: a table and records",
  details: `
Masks are a run's folder, or a folder of NIfTI files called like their cases. Labels are
a dataset with a dataset.json, or a folder of NIfTI files called like their cases.
A labelled case without a mask counts as missing; the same command goes on when it has one.
Exit code 3 when cases failed or are missing.

Examples:
  uptake evaluate --masks results/ --labels dataset/ --output evaluation/
  uptake evaluate --masks masks/ --labels s3://bucket/labels --output s3://bucket/evaluation`,
  options: z.strictObject({
    masks: store.describe("where the masks are"),
    labels: store.describe("where the labels are"),
    output: store.describe("where the records go"),
    classes: commaList.optional().describe(
      "names by value (default: dataset.json's, or background,tumour)",
    ),
    unit: petUnitSchema.optional().describe(
      "what image values mean, where dataset.json does not tell",
    ),
  }),
  async run(options, context) {
    const masks = context.open(options.masks);
    const labels = context.open(options.labels);
    const home = context.open(options.output);
    const plan = await asUsage(
      () => planEvaluation(masks, labels, options.unit),
      [RangeError, SyntaxError],
    );
    if (plan.withoutLabel.length > 0) {
      context.say(
        `${plan.withoutLabel.length} masks have no label and are left out: ${
          plan.withoutLabel.slice(0, 5).join(", ")
        }`,
      );
    }
    const now = new Date();
    const run: EvaluateRun = {
      format: 1,
      kind: "evaluate",
      runId: newRunId(now),
      createdAt: now.toISOString(),
      codeVersion: VERSION,
      masks: masks.location,
      labels: labels.location,
      classes: [
        ...(options.classes ?? plan.classes ?? ["background", "tumour"]),
      ],
      cases: [...plan.cases],
    };
    await createRecord(home, RUN_KEY, run);
    const frozen = await asUsage(() => readRun(home, "evaluate"));
    if (frozen === null) {
      throw new Error(`Cannot freeze ${home.location}/${RUN_KEY}: it vanished`);
    }
    const differences = differencesOf(frozen, run);
    if (differences.length > 0) {
      throw new UsageError(
        `${home.location} holds another evaluation already: ${
          differences.join("; ")
        }. Choose another output`,
      );
    }
    const state = await readRunState(home);
    const open = plan.cases.filter(({ caseId }) =>
      !state.done.has(caseId) && plan.masks.has(caseId)
    );
    const ids = open.map(({ caseId }) => caseId);
    const { rounds } = await retryFailed(home, state, ids);
    const { runId } = frozen;
    context.progress({ type: "start", cases: open.length, runId });
    try {
      for (const item of open) {
        context.signal.throwIfAborted();
        const { caseId } = item;
        context.progress({ type: "caseStart", caseId });
        const end = await evaluateCase(
          frozen,
          home,
          item,
          plan.masks.get(caseId)!,
          rounds.get(caseId) ?? 0,
          context.open,
        );
        if (end.status === "failed") context.say(end.failure.message);
        context.progress(caseEndEvent(caseId, end));
      }
    } finally {
      context.progress({ type: "end" });
    }
    const { summary, results } = await writeRunSummary(
      home,
      frozen.runId,
      plan.cases.map(({ caseId }) => caseId),
    );
    const damaged: string[] = [];
    for (const result of results) {
      if (!state.done.has(result.caseId)) continue;
      const problem = await verifyResult(home, result, context.open, false);
      if (problem === null) continue;
      damaged.push(result.caseId);
      context.say(problem);
    }
    const { expected, done } = summary.coverage;
    return {
      exitCode: done === expected && damaged.length === 0 ? 0 : 3,
      json: { location: home.location, summary, results, damaged },
      text: summaryText(summary, results, damaged),
    };
  },
});

/** What of a plan differs from the frozen one, in words. */
function differencesOf(frozen: EvaluateRun, plan: EvaluateRun): string[] {
  const parts = ["masks", "labels", "classes", "cases"] as const;
  return parts.flatMap((part) => {
    const [before, after] = [frozen[part], plan[part]];
    if (JSON.stringify(before) === JSON.stringify(after)) return [];
    return part === "cases"
      ? ["the labelled cases were others"]
      : [`${part} were ${before}, now they are ${after}`];
  });
}
