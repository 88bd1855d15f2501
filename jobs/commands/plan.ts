/**
 * `uptake plan`: what a dataset holds, and what segmenting it will take.
 * @module
 */
import { z } from "zod";
import { measureWindow } from "../batch/measure_window.ts";
import { type PlannedRuns, planRuns } from "../batch/plan_runs.ts";
import { planText } from "../batch/plan_text.ts";
import { planOptions, type PlanRunsOptions } from "../batch/submit_options.ts";
import { store } from "../cli/option_types.ts";
import { frozenOptions } from "../cli/segment_options.ts";
import { UsageError } from "../cli/usage_error.ts";
import { verb } from "../cli/verb.ts";
import { submitPlanned } from "./submit.ts";

export const plan = verb({
  name: "plan",
  summary: "List a dataset's cases and problems, windows, memory and time",
  details: `
Looks at the listing and the first bytes of each file. Writes nothing, unless --submit
starts what was planned.

Examples:
  uptake plan --dataset s3://bucket/scans --checkpoint model.safetensors
  uptake plan --dataset scans/ --checkpoint model.safetensors --fold 0 --seconds-per-window 0.4`,
  options: z.strictObject({
    ...planOptions,
    home: store.optional().describe("where --submit makes the run"),
    secondsPerWindow: z.number().positive().optional().describe(
      "what a window takes (default: measured here, for workers of this machine)",
    ),
    submit: z.boolean().default(false).describe("then submit it"),
  }),
  async run({ home, secondsPerWindow, submit, ...options }, context) {
    const planned = await planRuns(options, context);
    const estimates = {
      secondsPerWindow: secondsPerWindow ??
        await measureHere(planned, options),
      workers: Math.max(1, options.workers),
    };
    const text = planned.runs.map(({ plan }) => planText(plan, estimates))
      .join("\n\n");
    if (!submit) {
      return {
        exitCode: 0,
        json: {
          estimates,
          runs: planned.runs.map(({ fold, plan }) => ({ fold, ...plan })),
        },
        text,
      };
    }
    if (home === undefined) throw new UsageError("--submit needs a --home");
    context.say(text);
    return await submitPlanned(planned, { ...options, home }, context);
  },
});

/** Of workers elsewhere nothing is known here. */
async function measureHere(
  { runs: [run], engine }: PlannedRuns,
  options: PlanRunsOptions,
): Promise<number | null> {
  const isHere = options.dispatch === "local" && options.workers > 0;
  if (run === undefined || !isHere) return null;
  const [checkpoint] = run.checkpoints;
  const { card } = checkpoint!;
  const frozen = frozenOptions(options, card, engine.device);
  return await measureWindow(checkpoint!, engine, frozen);
}
