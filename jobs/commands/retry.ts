/**
 * `uptake retry`: open failed cases again, and take back a request to stop.
 * @module
 */
import { z } from "zod";
import { FAILURE_KINDS, type FailureKind } from "../../shared/case_error.ts";
import { withdrawCancel } from "../../shared/runs/cancel.ts";
import { failureKey } from "../../shared/runs/keys.ts";
import { readRecords } from "../../shared/runs/record_io.ts";
import {
  failureSchema,
  type RunSummary,
  type SegmentRun,
} from "../../shared/runs/records.ts";
import { retryFailed } from "../../shared/runs/retry.ts";
import {
  readAllCases,
  readRunState,
  type RunState,
} from "../../shared/runs/run_state.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { readDispatchConfig, requireWorkers } from "../batch/plan_runs.ts";
import { runToEnd } from "../batch/run_to_end.ts";
import { DEFAULT_WORKERS, dispatchOptions } from "../batch/submit_options.ts";
import { openNamedRun, runOption } from "../cli/runs.ts";
import { summaryText } from "../cli/summary_text.ts";
import { UsageError } from "../cli/usage_error.ts";
import { verb } from "../cli/verb.ts";

export const retry = verb({
  name: "retry",
  summary: "Try failed cases of a run again, or go on with a cancelled one",
  details: `
With --failed a new round opens for the failed cases; every failure of every round is
kept. A cancelled run goes on. Workers are started as \`submit\` starts them; a run of
shards takes one for each.
Exit code 3 with --wait when cases failed or are missing.

Examples:
  uptake retry --run results/runs/20261124T093015Z-4f2a9c --failed --wait
  uptake retry --run s3://bucket/home/runs/20261124T093015Z-4f2a9c --failed \\
    --kind workerDied --workers 0`,
  options: z.strictObject({
    run: runOption,
    failed: z.boolean().default(false).describe("open failed cases again"),
    kind: z.enum(FAILURE_KINDS).optional().describe(
      "only those that failed for this reason",
    ),
    ...dispatchOptions,
    workers: z.int().min(0).max(100_000).optional().describe(
      "how many; 0 starts none (default: 2, or as many as the run has shards)",
    ),
  }),
  async run(options, context) {
    const { store, run } = await openNamedRun(context, options.run);
    if (options.kind !== undefined && !options.failed) {
      throw new UsageError("--kind says which failed cases: it needs --failed");
    }
    const workers = workersOf(run, options.workers);
    requireWorkers({ ...options, workers });
    const config = await readDispatchConfig(options, context);
    const state = await readRunState(store);
    const again = options.failed
      ? await failedCases(store, state, options.kind)
      : [];
    const { done, failed } = await retryFailed(store, state, again);
    await withdrawCancel(store);
    const cases = await readAllCases(store, run);
    const open = cases.filter(({ caseId }) =>
      !done.has(caseId) && !failed.has(caseId)
    ).length;
    // Somebody else may have opened cases, too: what counts is how many are open now.
    const opened =
      `${again.length} failed cases are open again: ${open} of ${cases.length} cases are open`;
    context.say(opened);
    const { location } = store;
    const { started, summaries, problem } = await runToEnd(
      [{
        runId: run.runId,
        location,
        run,
        cases,
        store,
      }],
      // Workers of an earlier order may be leaving: they would do nothing more.
      { ...options, workers, again: crypto.randomUUID() },
      config,
      context,
    );
    const [summarised] = summaries ?? [];
    return {
      exitCode: summarised === undefined || isWhole(summarised.summary) ? 0 : 3,
      json: {
        location,
        again,
        open,
        started,
        problem,
        ...(summarised !== undefined && { summary: summarised.summary }),
      },
      text: summarised === undefined
        ? `${opened}${started === null ? "" : `; started ${started}`}`
        : summaryText(summarised.summary, summarised.results),
    };
  },
});

/** Every case is done, and stands as it was committed. */
function isWhole({ coverage, damaged }: RunSummary): boolean {
  return coverage.done === coverage.expected && damaged === undefined;
}

/** The cases that failed in the round they are in, for a reason if one is given. */
async function failedCases(
  store: ObjectStore,
  { failed, rounds }: RunState,
  reason: FailureKind | undefined,
): Promise<string[]> {
  if (reason === undefined) return [...failed];
  const keys = [...failed].map((caseId) =>
    failureKey(caseId, rounds.get(caseId) ?? 0)
  );
  const failures = await readRecords(store, keys, failureSchema);
  return failures.filter(({ kind }) => kind === reason)
    .map(({ caseId }) => caseId);
}

/** A run of shards has a fixed part for each worker: more or fewer cannot do it. */
function workersOf(
  { coordination }: SegmentRun,
  asked: number | undefined,
): number {
  if (coordination?.kind !== "shards") return asked ?? DEFAULT_WORKERS;
  const { count } = coordination;
  if (asked !== undefined && asked !== 0 && asked !== count) {
    throw new UsageError(
      `The run has ${count} shards, each takes one worker: --workers is ${count} or left out, not ${asked}`,
    );
  }
  return asked ?? count;
}
