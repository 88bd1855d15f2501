/**
 * What `submit`, `retry` and `reevaluate` do once runs are frozen: start their workers and, where
 * asked to, stay until the end.
 * @module
 */
import type { DispatchConfig } from "../../shared/dispatch/dispatch_config.ts";
import type {
  Dispatched,
  WorkOrder,
} from "../../shared/dispatch/dispatcher.ts";
import type { Summarised } from "../../shared/runs/summarise.ts";
import type { Context } from "../cli/context.ts";
import { EXIT } from "../cli/command_line.ts";
import { ExitError } from "../cli/exit_error.ts";
import { explain } from "../cli/explain.ts";
import { UsageError } from "../cli/usage_error.ts";
import { dispatchRuns } from "./dispatch_runs.ts";
import type { FrozenRunRef } from "./freeze_planned.ts";
import { requireReachable } from "./plan_runs.ts";
import type { DispatchOptions } from "./submit_options.ts";
import { waitForRuns } from "./wait_for_run.ts";

export interface Dispatch {
  /** What was started; null where no worker was asked for. */
  readonly started: string | null;
  /** What each run came to; null where nobody waited. */
  readonly summaries: readonly Summarised[] | null;
  /** What went wrong with the workers, if anything. */
  readonly problem: string | null;
}

/**
 * Without workers nothing is started, and nobody waits.
 *
 * @throws what schedulers throw; the signal's reason once it is aborted, after the workers were told
 *   to stop where they run on this machine.
 */
export async function runToEnd(
  runs: readonly FrozenRunRef[],
  { dispatch, workers, wait, again }:
    & Pick<DispatchOptions, "dispatch" | "workers" | "wait">
    & Pick<WorkOrder, "again">,
  config: DispatchConfig | undefined,
  context: Context,
): Promise<Dispatch> {
  if (workers === 0) {
    return { started: null, summaries: null, problem: null };
  }
  const locations = runs.map(({ location }) => location);
  requireReachable(dispatch, locations, context);
  const sharded = runs.some(({ run }) => run.coordination?.kind === "shards");
  const goOn = `The run stays as it is. Go on with: uptake retry --run ${
    locations.join(" or ")
  }`;
  let dispatched: Dispatched;
  try {
    dispatched = await dispatchRuns(
      {
        runs: locations,
        workers: runs.length > 1 ? runs.length : workers,
        sharded,
        ...(again === undefined ? {} : { again }),
      },
      { dispatch, wait },
      config,
      context,
    );
  } catch (cause) {
    throw new ExitError(
      context.signal.aborted
        ? EXIT.interrupted
        : cause instanceof UsageError
        ? EXIT.usage
        : EXIT.failed,
      `${explain(cause)}\n${goOn}`,
      { cause },
    );
  }
  const started = dispatched.description;
  context.say(`Started ${started}`);
  if (!wait) return { started, summaries: null, problem: null };
  const { progress, signal } = context;
  const ended = dispatched.ended(signal);
  ended.catch(() => {});
  try {
    const summaries = await waitForRuns(runs, {
      progress,
      signal,
      ended,
      say: context.say,
    });
    const { ok, detail } = await ended;
    return { started, summaries, problem: ok ? null : detail };
  } catch (error) {
    // Elsewhere workers go on: they do not depend on who watches them.
    if (dispatch === "local") await dispatched.stop();
    if (!signal.aborted) throw error;
    throw new ExitError(EXIT.interrupted, `Interrupted. ${goOn}`);
  }
}
