/**
 * Where workers may run that the dashboard's operators start: each kind of scheduler once, with the file that
 * says what its workers get.
 * @module
 */
import type { DispatcherName } from "../../shared/dispatch/dispatcher.ts";
import type { DispatchChoice } from "../../shared/dispatch/operations.ts";
import type { Context } from "../cli/context.ts";
import { UsageError } from "../cli/usage_error.ts";
import { readConfigFile, readDispatchConfig } from "./plan_runs.ts";
import type { DispatchOptions } from "./submit_options.ts";

export type DispatchSetting = Pick<
  DispatchOptions,
  "dispatch" | "dispatchConfig"
>;

/**
 * Pairs schedulers with files, which tell what they are for.
 *
 * @throws {UsageError} when a file is missing, is for none of them or for one that has another, or cannot be read.
 */
export async function pairDispatches(
  names: readonly DispatcherName[],
  files: readonly string[],
  context: Context,
): Promise<DispatchSetting[]> {
  const byName = new Map<DispatcherName, string>();
  for (const file of files) {
    const { dispatch } = await readConfigFile(file, context);
    if (!names.includes(dispatch)) {
      throw new UsageError(
        `${file} is for --dispatch ${dispatch}, not ${names.join(" or ")}`,
      );
    }
    const other = byName.get(dispatch);
    if (other !== undefined) {
      throw new UsageError(
        `${file} and ${other} are both for --dispatch ${dispatch}`,
      );
    }
    byName.set(dispatch, file);
  }
  const settings = [...new Set(names)].map((dispatch): DispatchSetting => {
    const dispatchConfig = byName.get(dispatch);
    return {
      dispatch,
      ...(dispatchConfig === undefined ? {} : { dispatchConfig }),
    };
  });
  // Refuses what no plan could be made with, before anybody asks for one.
  for (const setting of settings) await readDispatchConfig(setting, context);
  return settings;
}

const PLACES: Readonly<Record<DispatcherName, string>> = {
  local: "on this machine",
  kubernetes: "on Kubernetes",
  "aws-batch": "on AWS Batch",
};

/** `2 workers on Kubernetes`. */
export function workersText(dispatch: DispatcherName, workers: number): string {
  if (workers === 0) {
    return "none: it waits for workers that somebody else starts";
  }
  return `${workers} ${workers === 1 ? "worker" : "workers"} ${
    PLACES[dispatch]
  }`;
}

/**
 * What operators may choose from.
 *
 * @throws {RangeError} when there is nothing.
 */
export function dispatchChoices(
  settings: readonly DispatchSetting[],
  workers: number,
): [DispatchChoice, ...DispatchChoice[]] {
  const [first, ...others] = settings.map(({ dispatch: name }) => ({
    name,
    description: workersText(name, workers),
  }));
  if (first === undefined) {
    throw new RangeError("Cannot start workers: nowhere to run them is named");
  }
  return [first, ...others];
}
