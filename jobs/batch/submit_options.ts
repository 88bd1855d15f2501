/**
 * The options of `plan` and `submit`: what is to be segmented, how, and by whom.
 * @module
 */
import { z } from "zod";
import { DISPATCHER_NAMES } from "../../shared/dispatch/dispatcher.ts";
import { store } from "../cli/option_types.ts";
import { segmentOptions } from "../cli/segment_options.ts";

/**
 * Two workers that share the cores were 1.04 times as fast as one with all of them, and their networks
 * busier (95.5 % of the time, not 93.4 %): an idle machine of 2 cores, 8 scans, windows without overlap.
 */
export const DEFAULT_WORKERS = 2;

/** By whom a run is worked on. */
export const dispatchOptions = {
  dispatch: z.enum(DISPATCHER_NAMES).default("local").describe(
    "where workers run",
  ),
  workers: z.int().min(0).max(100_000).default(DEFAULT_WORKERS).describe(
    "how many; 0 only freezes the run, untried: auto is then a CPU with all threads that a worker has",
  ),
  dispatchConfig: store.optional().describe(
    "file that says what workers get (kubernetes, aws-batch)",
  ).meta({ placeholder: "file" }),
  wait: z.boolean().default(false).describe(
    "stay until all is recorded, show progress, and print the table",
  ),
};

const schema = z.strictObject(dispatchOptions);
export type DispatchOptions = z.infer<typeof schema>;

/** What is segmented, and how. */
export const planOptions = {
  dataset: store.describe(
    "folder or bucket prefix of the cases, with a dataset.json or in a known layout",
  ),
  checkpoint: z.array(store).min(1).describe(
    "checkpoint file (.safetensors); several are averaged",
  ).meta({ placeholder: "file" }),
  fold: z.int().min(0).optional().describe("only the cases of this fold"),
  perFold: z.boolean().default(false).describe(
    "one run per checkpoint: the first does the cases of fold 0, and so on",
  ),
  ...segmentOptions,
  // Clocks of buckets tell whole seconds: within a term of a few, a living worker may look silent.
  termSeconds: z.number().min(5).max(86_400).default(120).describe(
    "a worker that is not heard of for so long loses its case to others; 5 at least",
  ),
  ...dispatchOptions,
};
const planSchema = z.strictObject(planOptions);
export type PlanRunsOptions = z.infer<typeof planSchema>;
