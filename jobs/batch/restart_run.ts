/**
 * Starts workers for a run that is there already: where cases were opened again, or all workers are gone.
 * @module
 */
import type { Restarted } from "../../shared/dispatch/operations.ts";
import { readRun } from "../../shared/runs/freeze.ts";
import { runFolder } from "../../shared/runs/home/keys.ts";
import type { SegmentRun } from "../../shared/runs/records.ts";
import { readAllCases } from "../../shared/runs/run_state.ts";
import { substore } from "../../shared/storage/substore.ts";
import type { Context } from "../cli/context.ts";
import { ExitError } from "../cli/exit_error.ts";
import { UsageError } from "../cli/usage_error.ts";
import type { DispatchSetting } from "./dispatch_settings.ts";
import { readDispatchConfig } from "./plan_runs.ts";
import { runToEnd } from "./run_to_end.ts";

/**
 * @param workers how many; of a run of shards each shard has one, unless there are to be none
 * @throws {UsageError} when it is not there, or lies where such workers cannot reach it.
 */
export async function restartRun(
  runId: string,
  { home, setting, workers }: {
    readonly home: string;
    readonly setting: DispatchSetting;
    readonly workers: number;
  },
  context: Context,
): Promise<Restarted> {
  const store = substore(context.open(home), runFolder(runId));
  const run = await readRun(store, "segment");
  if (run === null) {
    throw new UsageError(`There is no run in ${store.location}`);
  }
  const config = await readDispatchConfig(setting, context);
  const { location } = store;
  const cases = await readAllCases(store, run);
  try {
    const { started } = await runToEnd(
      [{ runId: run.runId, location, run, cases, store }],
      {
        dispatch: setting.dispatch,
        workers: workersOf(run, workers),
        wait: false,
        // Workers of an earlier order may be leaving: they would do nothing more.
        again: crypto.randomUUID(),
      },
      config,
      context,
    );
    return { started, problem: null };
  } catch (error) {
    if (!(error instanceof ExitError)) throw error;
    return { started: null, problem: error.message };
  }
}

function workersOf({ coordination }: SegmentRun, asked: number): number {
  return asked > 0 && coordination?.kind === "shards"
    ? coordination.count
    : asked;
}
