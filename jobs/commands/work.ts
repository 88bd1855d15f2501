/**
 * `uptake work`: one worker of a batch run.
 * @module
 */
import { z } from "zod";
import { CaseError } from "../../shared/case_error.ts";
import { resolveWorkerIndex } from "../../shared/dispatch/worker_index.ts";
import { ConfigurationError, type Shard } from "../batch/open_worker.ts";
import { workHere } from "../batch/work_here.ts";
import type { WorkEnd } from "../batch/work_run.ts";
import type { Context, Outcome } from "../cli/context.ts";
import { ExitError } from "../cli/exit_error.ts";
import { explain } from "../cli/explain.ts";
import { store } from "../cli/option_types.ts";
import { printableLine } from "../cli/printable.ts";
import { StoppedBySignal } from "../cli/signals.ts";
import { UsageError } from "../cli/usage_error.ts";
import { verb } from "../cli/verb.ts";

const options = z.strictObject({
  run: z.array(store).min(1).describe(
    "the run's folder; of several, worker i works on the i-th",
  ),
  shard: z.string().regex(
    /^(auto|\d{1,6}\/[1-9]\d{0,5})$/,
    "takes auto, or a part such as 0/4",
  ).optional().describe(
    "only this part of the cases, without claims (auto: from the scheduler's environment)",
  ).meta({ placeholder: "auto|i/n" }),
});
type Options = z.infer<typeof options>;

export const work = verb({
  name: "work",
  summary: "Be one worker of a batch run: take cases until all are recorded",
  details: `
Schedulers start this; any number of workers may share a run, and any of them may die.
A worker that waits for others takes over what they lose. Which worker of how many it is
comes from UPTAKE_WORKER_INDEX and UPTAKE_WORKER_COUNT, or from Kubernetes', AWS Batch's
or Cloud Run's variables.

Exit codes tell a scheduler whether to start it again: 0 no, its cases are recorded (or
the run is cancelled), 75 yes, 78 never (no such run, engine or device missing, ...), 143
stopped by SIGTERM. Cases that failed, or are damaged, need no worker but a person: it is 0
then too, the last line says so, and \`uptake status\` and \`uptake summary\` end with 3.

Examples:
  uptake work --run s3://bucket/home/runs/20261124T093015Z-4f2a9c
  uptake work --run results/ --shard 0/4`,
  options,
  async run(options, context) {
    try {
      return await workOn(options, context);
    } catch (error) {
      throw failure(error, context);
    }
  },
});

async function workOn(options: Options, context: Context): Promise<Outcome> {
  const { location, shard, index } = choose(options, context);
  const store = context.open(location);
  const end = await workHere(store, { shard, index }, context);
  return outcome(end, location);
}

/** Which run, and which part of it, is this worker's. */
function choose(
  { run: runs, shard }: Options,
  { readVariable }: Context,
): { location: string; shard: Shard | null; index: number } {
  const { index, count } = asConfiguration(() =>
    resolveWorkerIndex(readVariable)
  );
  if (runs.length > 1) {
    if (shard !== undefined) {
      throw new UsageError("Several runs are not sharded: each has one worker");
    }
    const location = runs[index];
    if (location === undefined || count !== runs.length) {
      throw new ConfigurationError(
        `Worker ${index} of ${count} cannot choose among ${runs.length} runs: each takes one worker`,
      );
    }
    return { location, shard: null, index };
  }
  const location = runs[0]!;
  if (shard === undefined) return { location, shard: null, index };
  if (shard === "auto") return { location, shard: { index, count }, index };
  const [part, parts] = shard.split("/").map(Number);
  return {
    location,
    shard: { index: part!, count: parts! },
    index: part!,
  };
}

function asConfiguration<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ConfigurationError(cause.message, { cause });
  }
}

function outcome(end: WorkEnd, location: string): Outcome {
  const json = { location, ...end };
  switch (end.type) {
    case "recorded":
      return {
        exitCode: 0,
        json,
        text: end.damaged.length === 0
          ? `Every case of ${location} is recorded`
          : `Every case of ${location} has its record, but ${end.damaged.length} do not stand as they were committed: ${
            namesOf(end.damaged)
          }. No other try mends them: \`uptake summary\` says what does`,
      };
    case "cancelled":
      return {
        exitCode: 0,
        json,
        text: `Stopped: the run is cancelled (${end.reason})`,
      };
    case "left":
      return {
        exitCode: 75,
        json,
        text: `${
          end.caseIds.length === 1
            ? "1 case is"
            : `${end.caseIds.length} cases are`
        } left for another try: ${namesOf(end.caseIds)}`,
      };
  }
}

/** The first of them. */
function namesOf(caseIds: readonly string[]): string {
  return caseIds.slice(0, 5).map(printableLine).join(", ");
}

/** What a scheduler makes of a failure: whether another try may do better. */
function failure(error: unknown, { signal }: Context): unknown {
  if (error instanceof UsageError) return error;
  if (signal.aborted) {
    const isTerm = signal.reason instanceof StoppedBySignal &&
      signal.reason.signal === "SIGTERM";
    const code = isTerm ? 143 : 130;
    return new ExitError(code, "Stopped when asked to; others can go on");
  }
  // Not supported: a store that cannot create conditionally, where claims are asked of it.
  // A record that cannot be understood stays so until somebody mends it.
  const isFinal = error instanceof ConfigurationError ||
    error instanceof Deno.errors.NotSupported ||
    error instanceof SyntaxError ||
    error instanceof CaseError && error.kind === "configuration";
  const advice = error instanceof Deno.errors.NotSupported
    ? ": give each worker a --shard of its own"
    : "";
  return new ExitError(isFinal ? 78 : 75, explain(error) + advice, {
    cause: error,
  });
}
