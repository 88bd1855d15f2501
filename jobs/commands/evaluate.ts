/**
 * `uptake evaluate`: masks that exist already against labels.
 * @module
 */
import { z } from "zod";
import { petUnitSchema } from "../../shared/metrics/pet.ts";
import { RUN_KEY } from "../../shared/runs/keys.ts";
import { createRecord, readRecord } from "../../shared/runs/record_io.ts";
import {
  type EvaluateRun,
  evaluateRunSchema,
} from "../../shared/runs/records.ts";
import { newRunId } from "../../shared/runs/run_id.ts";
import { retryFailed } from "../../shared/runs/retry.ts";
import { readRunState } from "../../shared/runs/run_state.ts";
import { writeRunSummary } from "../../shared/runs/summarise.ts";
import { VERSION } from "../../shared/version.ts";
import { commaList, store } from "../cli/option_types.ts";
import { summaryText } from "../cli/summary_text.ts";
import { UsageError } from "../cli/usage_error.ts";
import { verb } from "../cli/verb.ts";
import { evaluateCase } from "../evaluation/evaluate_case.ts";
import { planEvaluation } from "../evaluation/plan_evaluation.ts";

export const evaluate = verb({
  name: "evaluate",
  summary: "Measure masks against labels: a table and records",
  details: `
Masks are a run's folder, or a folder of NIfTI files called like their cases. Labels are
a dataset with a dataset.json, or a folder of NIfTI files called like their cases.
A labelled case without a mask counts as missing. Exit code 3 when cases failed or are
missing.

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
    let plan;
    try {
      plan = await planEvaluation(masks, labels, options.unit);
    } catch (error) {
      if (error instanceof RangeError || error instanceof SyntaxError) {
        throw new UsageError(error.message, { cause: error });
      }
      throw error;
    }
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
    const frozen = await readRecord(home, RUN_KEY, evaluateRunSchema);
    if (frozen === null || !samePlan(frozen, run)) {
      throw new UsageError(
        `${home.location} holds another evaluation already: choose another output`,
      );
    }
    const state = await readRunState(home);
    const open = plan.cases.filter(({ caseId }) => !state.done.has(caseId));
    const ids = open.map(({ caseId }) => caseId);
    const { rounds } = await retryFailed(home, state, ids);
    context.progress({ type: "start", cases: open.length });
    try {
      for (const item of open) {
        context.signal.throwIfAborted();
        const round = rounds.get(item.caseId) ?? 0;
        const end = await evaluateCase(
          frozen,
          home,
          item,
          round,
          context.open,
        );
        if (end.status === "failed") context.say(end.failure.message);
        context.progress({ type: "caseEnd", caseId: item.caseId });
      }
    } finally {
      context.progress({ type: "end" });
    }
    const { summary, results } = await writeRunSummary(home, frozen.runId, [
      ...plan.cases.map(({ caseId }) => caseId),
      ...plan.withoutMask,
    ]);
    return {
      exitCode: summary.coverage.done === summary.coverage.expected ? 0 : 3,
      json: { location: home.location, summary, results },
      text: summaryText(summary, results),
    };
  },
});

/** Whether two plans measure the same files for the same classes. */
function samePlan(a: EvaluateRun, b: EvaluateRun): boolean {
  const planOf = ({ masks, labels, classes, cases }: EvaluateRun) =>
    JSON.stringify({ masks, labels, classes, cases });
  return planOf(a) === planOf(b);
}
