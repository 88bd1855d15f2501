/**
 * `uptake cancel`: ask every worker of a run to stop.
 * @module
 */
import { z } from "zod";
import { requestCancel } from "../../shared/runs/cancel.ts";
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
  async run({ run: location, reason }, context) {
    const { store, run } = await openNamedRun(context, location);
    await requestCancel(store, run.runId, reason);
    return {
      exitCode: 0,
      json: { location: store.location, cancelled: true },
      text: `Run ${run.runId} is cancelled: its workers stop within seconds`,
    };
  },
});
