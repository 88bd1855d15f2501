/**
 * What `submit`, `retry` and `reevaluate` do once runs are frozen: start their workers and, where
 * asked to, stay until the end.
 * @module
 */
import type { DispatchConfig } from "../../shared/dispatch/dispatch_config.ts";
import type { Summarised } from "../../shared/runs/summarise.ts";
import type { Context } from "../cli/context.ts";
import { dispatchRuns } from "./dispatch_runs.ts";
import type { FrozenRunRef } from "./freeze_planned.ts";
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
 * @throws what schedulers throw; the signal's reason once it is aborted, after the workers were told
 *   to stop where they run on this machine.
 */
export async function runToEnd(
  runs: readonly FrozenRunRef[],
  { dispatch, workers, wait }: Pick<
    DispatchOptions,
    "dispatch" | "workers" | "wait"
  >,
  config: DispatchConfig | undefined,
  context: Context,
): Promise<Dispatch> {
  if (workers === 0) {
    return { started: null, summaries: null, problem: null };
  }
  const sharded = runs.some(({ run }) => run.coordination?.kind === "shards");
  const dispatched = await dispatchRuns(
    {
      runs: runs.map(({ location }) => location),
      workers: runs.length > 1 ? runs.length : workers,
      sharded,
    },
    { dispatch, wait },
    config,
    context,
  );
  const started = dispatched.description;
  context.say(`Started ${started}`);
  if (!wait) return { started, summaries: null, problem: null };
  const { progress, signal } = context;
  const ended = dispatched.ended(signal);
  ended.catch(() => {});
  try {
    const summaries = await waitForRuns(runs, { progress, signal, ended });
    const { ok, detail } = await ended;
    return { started, summaries, problem: ok ? null : detail };
  } catch (error) {
    // Elsewhere workers go on: they do not depend on who watches them.
    if (dispatch === "local") await dispatched.stop();
    throw error;
  }
}
