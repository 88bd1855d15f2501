/**
 * `uptake cancel`: ask every worker of a run to stop.
 * @module
 */
import { z } from "zod";
import {
  readCancel,
  requestCancel,
  withdrawCancel,
} from "../../shared/runs/cancel.ts";
import { readAllCases, readRunState } from "../../shared/runs/run_state.ts";
import { openNamedRun, runOption } from "../cli/runs.ts";
import { verb } from "../cli/verb.ts";

export const cancel = verb({
  name: "cancel",
  summary: "Ask every worker of a run to stop at its next window",
  details: `
Workers look every few seconds, wherever they run. What is done stays; \`uptake retry\`
takes the request back.

Example:
  uptake cancel --run s3://bucket/home/runs/20261124T093015Z-4f2a9c --reason "wrong dataset"`,
  options: z.strictObject({
    run: runOption,
    reason: z.string().max(500).default("asked for by a user").describe(
      "why, for whoever wonders later",
    ),
  }),
  async run({ run: named, reason }, context) {
    const { store, run } = await openNamedRun(context, named);
    const wasAsked = await readCancel(store) !== null;
    // Before all else: each second of a run costs.
    await requestCancel(store, run.runId, reason);
    const { location } = store;
    const cases = await readAllCases(store, run);
    const { done, failed } = await readRunState(store);
    if (cases.every(({ caseId }) => done.has(caseId) || failed.has(caseId))) {
      if (!wasAsked) await withdrawCancel(store);
      return {
        exitCode: 0,
        json: { location, cancelled: false },
        text:
          `Run ${run.runId} is over, every case is recorded: there is nothing to cancel`,
      };
    }
    return {
      exitCode: 0,
      json: { location, cancelled: true },
      text: `Run ${run.runId} is cancelled: its workers stop within seconds`,
    };
  },
});
