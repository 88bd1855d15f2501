/**
 * `uptake summary`: sum up a run, and publish again what is missing of its masks.
 * @module
 */
import { z } from "zod";
import { republishMasks } from "../../shared/runs/republish.ts";
import { readAllCases, readRunState } from "../../shared/runs/run_state.ts";
import { writeRunSummary } from "../../shared/runs/summarise.ts";
import { openNamedRun, runOption } from "../cli/runs.ts";
import { summaryText } from "../cli/summary_text.ts";
import { verb } from "../cli/verb.ts";

export const summary = verb({
  name: "summary",
  summary: "Sum up a run: a table, summary.json, and masks that are missing",
  details: `
Workers do it when the last case is recorded; this does it at any time.
A case of which a record or a committed file is damaged or gone is named, with what to
do about it; the others are summed up. Exit code 3 when cases failed, are missing or are
damaged.

Example:
  uptake summary --run s3://bucket/home/runs/20261124T093015Z-4f2a9c`,
  options: z.strictObject({ run: runOption }),
  async run({ run: location }, context) {
    const { store, run } = await openNamedRun(context, location);
    const state = await readRunState(store);
    const { published: republished, damaged: masks } = await republishMasks(
      store,
      state.done.keys(),
      context.say,
    );
    if (republished > 0) context.say(`${republished} masks published again`);
    const cases = await readAllCases(store, run);
    const { summary, results } = await writeRunSummary(
      store,
      run.runId,
      cases.map(({ caseId }) => caseId),
      masks,
    );
    const { coverage: { expected, done }, damaged = [] } = summary;
    return {
      exitCode: done === expected && damaged.length === 0 ? 0 : 3,
      json: {
        location: store.location,
        summary,
        republished,
        damaged: damaged.map(({ caseId }) => caseId),
      },
      text: summaryText(summary, results),
    };
  },
});
