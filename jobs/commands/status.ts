/**
 * `uptake status`: how far a batch run is.
 * @module
 */
import { z } from "zod";
import { readRunStatus } from "../../shared/runs/status.ts";
import { openNamedRun, runOption } from "../cli/runs.ts";
import { statusText } from "../cli/status_text.ts";
import { verb } from "../cli/verb.ts";

export const status = verb({
  name: "status",
  summary: "Tell how far a batch run is: cases, workers, pace, failures, cost",
  details: `
Failures are listed with their reason; the time held is that of all workers together.
A case whose record cannot be read, or is another run's, is damaged: neither done nor
failed nor open. Results are looked into that are newer than the last summary, up to
1,000; that a committed file is gone is told as of the last summary, and \`uptake summary\`
looks anew.
Exit code 3 when a record or a committed file is damaged or gone.

Examples:
  uptake status --run s3://bucket/home/runs/20261124T093015Z-4f2a9c
  uptake status --run results/ --price-per-hour 1.2 --currency EUR`,
  options: z.strictObject({
    run: runOption,
    pricePerHour: z.number().min(0).optional().describe(
      "what one worker costs (default: the dispatch configuration's)",
    ),
    currency: z.string().optional().describe("of the price (default: USD)"),
  }),
  async run({ run: location, pricePerHour, currency }, context) {
    const { store, run } = await openNamedRun(context, location);
    const price = pricePerHour === undefined
      ? run.price
      : { perHour: pricePerHour, currency: currency ?? "USD" };
    const status = await readRunStatus(store, run, { price });
    const { run: { cases: _, ...about }, ...rest } = status;
    return {
      exitCode: status.damaged.length === 0 ? 0 : 3,
      json: { location: store.location, run: about, ...rest },
      text: statusText(status),
    };
  },
});
