/**
 * `uptake submit`: plan, freeze, start workers, and perhaps wait for them.
 * @module
 */
import { z } from "zod";
import { DISPATCH_EXAMPLES } from "../../shared/dispatch/dispatch_examples.ts";
import { freezePlanned, type FrozenRunRef } from "../batch/freeze_planned.ts";
import {
  type PlannedRuns,
  planRuns,
  requireReachable,
} from "../batch/plan_runs.ts";
import { type Dispatch, runToEnd } from "../batch/run_to_end.ts";
import { planOptions } from "../batch/submit_options.ts";
import type { Context, Outcome } from "../cli/context.ts";
import { store } from "../cli/option_types.ts";
import { summaryText } from "../cli/summary_text.ts";
import { verb } from "../cli/verb.ts";

const options = z.strictObject({
  ...planOptions,
  home: store.describe("the store that holds runs and checkpoints"),
});
type Options = z.infer<typeof options>;

const indented = (text: string) =>
  text.trimEnd().split("\n").map((line) => `  ${line}`).join("\n");

export const submit = verb({
  name: "submit",
  summary: "Start a batch run over a dataset: freeze it, start workers",
  details: `
Freezes <home>/runs/<id>/run.json (cases, options, checkpoints by sha256, engine) and
starts workers that share its cases. Whatever dies on the way: every case gets exactly
one complete result. Without --wait local workers go on after this command has ended.

Exit code 3 with --wait when cases failed or are missing.

Examples:
  uptake submit --dataset scans/ --checkpoint model.safetensors --home results/ --wait
  uptake submit --dataset s3://bucket/scans --home s3://bucket/home --per-fold \\
    --checkpoint s3://bucket/home/checkpoints/f0.safetensors \\
      s3://bucket/home/checkpoints/f1.safetensors \\
    --dispatch kubernetes --dispatch-config gpu.yaml

Workers read dataset, home and checkpoints where they run: on a cluster all of them lie
in buckets. \`uptake register\` copies a checkpoint to <home>/checkpoints/<name>.safetensors.

A --dispatch-config for Kubernetes:
${indented(DISPATCH_EXAMPLES.kubernetes)}

and for AWS Batch:
${indented(DISPATCH_EXAMPLES["aws-batch"])}`,
  options,
  async run(options, context) {
    return await submitPlanned(
      await planRuns(options, context),
      options,
      context,
    );
  },
});

/** Freezes and starts what was planned; `plan --submit` does the same. */
export async function submitPlanned(
  planned: PlannedRuns,
  options: Options,
  context: Context,
): Promise<Outcome> {
  for (const { plan } of planned.runs) {
    const leftOut = plan.ambiguous.length + plan.unmatched.length;
    if (leftOut > 0) {
      context.say(
        `${leftOut} files of ${plan.dataset.location} belong to no case and are left out: \`uptake plan\` lists them`,
      );
    }
  }
  requireReachable(options.dispatch, [options.home], context);
  const home = context.open(options.home);
  const runs = await freezePlanned(home, planned, options, context.signal);
  for (const { runId, location } of runs) {
    context.say(`Run ${runId}: ${location}`);
  }
  const end = await runToEnd(runs, options, planned.config, context);
  return outcome(runs, end);
}

function outcome(runs: readonly FrozenRunRef[], end: Dispatch): Outcome {
  const { started, summaries, problem } = end;
  const isWhole =
    summaries?.every(({ summary: { coverage, damaged } }) =>
      coverage.done === coverage.expected && damaged === undefined
    ) ?? true;
  const lines = runs.flatMap(({ runId, location, run }, n) => {
    const summarised = summaries?.[n];
    const named = `Run ${runId}: ${location}`;
    return summarised === undefined
      ? [`${named} (${run.cases.length} cases)`]
      : [summaryText(summarised.summary, summarised.results), named];
  });
  if (problem !== null) lines.push(`Workers: ${problem}`);
  if (summaries === null) {
    const locations = runs.map(({ location }) => location).join(" ");
    lines.push(
      started === null
        ? `Start workers with: uptake work --run ${locations}`
        : `Started ${started}`,
      ...runs.map(({ location }) => `Watch: uptake status --run ${location}`),
    );
  }
  return {
    exitCode: isWhole ? 0 : 3,
    json: {
      runs: runs.map(({ runId, location, run }, n) => ({
        runId,
        location,
        cases: run.cases.length,
        ...(summaries !== null && { summary: summaries[n]!.summary }),
      })),
      started,
      problem,
    },
    text: lines.join("\n"),
  };
}
