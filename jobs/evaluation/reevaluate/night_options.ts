/**
 * The options of a re-evaluation: on what, how, by whom, when.
 * @module
 */
import { z } from "zod";
import { dispatchOptions } from "../../batch/submit_options.ts";
import { store } from "../../cli/option_types.ts";
import { segmentOptions } from "../../cli/segment_options.ts";

const { unit: _, saveProbabilities: __, ...howToSegment } = segmentOptions;

export const nightOptionsSchema = z.strictObject({
  home: store.describe("the store that holds checkpoints and runs"),
  datasets: z.array(store).min(1).describe(
    "datasets with labels, as `submit --dataset` takes them",
  ),
  ...howToSegment,
  dispatch: dispatchOptions.dispatch,
  workers: z.int().min(1).max(100_000).default(1).describe(
    "how many share an evaluation; 1 on this machine: this process alone",
  ),
  dispatchConfig: dispatchOptions.dispatchConfig,
  dryRun: z.boolean().default(false).describe(
    "only list what would be evaluated and what is skipped, and why",
  ),
  webhook: z.url({
    protocol: /^https?$/,
    error: "takes an http:// or https:// URL",
  }).optional().describe(
    "where to POST figures as JSON when a checkpoint is worse (token: UPTAKE_WEBHOOK_TOKEN)",
  ).meta({ placeholder: "url" }),
  every: z.string().optional().describe(
    'stay, and do it at these times: a cron pattern such as "0 2 * * *"',
  ).meta({ placeholder: "cron" }),
  schedule: z.string().min(1).max(200).optional().describe(
    'for the dashboard only, when another program starts this each time: at which times, such as "0 2 * * *"',
  ).meta({ placeholder: "cron" }),
  name: z.string().optional().describe(
    "what to call these times on the dashboard (default: made of them)",
  ),
  timeZone: z.string().default("UTC").describe(
    "of --every and --schedule, such as Europe/Berlin",
  ),
});
export type NightOptions = z.infer<typeof nightOptionsSchema>;
