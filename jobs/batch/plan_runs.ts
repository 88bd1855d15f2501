/**
 * From the options of `plan` and `submit` to the runs they ask for: one, or one per fold.
 * @module
 */
import { resolve } from "node:path";
import {
  type DispatchConfig,
  MAX_DISPATCH_CONFIG_BYTES,
  parseDispatchConfig,
} from "../../shared/dispatch/dispatch_config.ts";
import type { RunEngine } from "../../shared/runs/records.ts";
import type { Context } from "../cli/context.ts";
import { openCheckpoint } from "../cli/checkpoints.ts";
import { openFile } from "../cli/inputs.ts";
import { frozenOptions } from "../cli/segment_options.ts";
import { asUsage, UsageError } from "../cli/usage_error.ts";
import {
  checkCompatible,
  type LoadedCheckpoint,
} from "../segmentation/model.ts";
import { type DatasetPlan, planDataset } from "./plan_dataset.ts";
import { askedEngine, localEngine, remoteEngine } from "./run_engine.ts";
import type { DispatchOptions, PlanRunsOptions } from "./submit_options.ts";

/** One run as it will be frozen. */
export interface PlannedRun {
  readonly checkpoints: readonly LoadedCheckpoint[];
  readonly fold: number | undefined;
  readonly plan: DatasetPlan;
}

export interface PlannedRuns {
  readonly runs: readonly PlannedRun[];
  readonly engine: RunEngine;
  readonly config: DispatchConfig | undefined;
}

/**
 * @throws {UsageError} when checkpoints, folds, window, workers or dispatch configuration do not go together.
 */
export async function planRuns(
  options: PlanRunsOptions,
  context: Context,
): Promise<PlannedRuns> {
  const { dataset, perFold, overlap, roi, unit, fold } = options;
  requireWorkers(options);
  const config = await readDispatchConfig(options, context);
  requireReachable(options.dispatch, [dataset, ...options.checkpoint], context);
  const checkpoints: LoadedCheckpoint[] = [];
  for (const path of options.checkpoint) {
    checkpoints.push(await openCheckpoint(context, path));
  }
  if (perFold && fold !== undefined) {
    throw new UsageError("--per-fold takes every fold: leave --fold out");
  }
  const engine = config === undefined
    ? await asUsage(() =>
      options.workers === 0
        ? askedEngine(options)
        : localEngine(options, options.workers)
    )
    : await asUsage(() => remoteEngine(options, config));
  const groups = perFold
    ? checkpoints.map((checkpoint, n) => ({
      checkpoints: [checkpoint],
      fold: n,
    }))
    : [{ checkpoints, fold }];
  const runs: PlannedRun[] = [];
  for (const group of groups) {
    await asUsage(() => checkCompatible(group.checkpoints, roi));
    const { card } = group.checkpoints[0]!;
    const { swBatch } = frozenOptions(options, card, engine.device);
    const plan = await asUsage(() =>
      planDataset(context.open(dataset), {
        card,
        nCheckpoints: group.checkpoints.length,
        overlap,
        batch: swBatch,
        readForDigest: false,
        signal: context.signal,
        ...(roi === undefined ? {} : { roi }),
        ...(unit === undefined ? {} : { unit }),
        ...(group.fold === undefined ? {} : { fold: group.fold }),
      }), [RangeError, SyntaxError]);
    runs.push({ ...group, plan });
  }
  return { runs, engine, config };
}

/** @throws {UsageError} when somebody waits for workers that nobody starts. */
export function requireWorkers(
  { workers, wait }: Pick<DispatchOptions, "workers" | "wait">,
): void {
  if (workers > 0 || !wait) return;
  throw new UsageError(
    "--workers 0 starts nobody whom --wait could wait for: leave one of them out, and watch with `uptake status`",
  );
}

/** The file that says what workers get, which every scheduler but this machine needs. */
export async function readDispatchConfig(
  { dispatch, dispatchConfig }: Pick<
    DispatchOptions,
    "dispatch" | "dispatchConfig"
  >,
  context: Context,
): Promise<DispatchConfig | undefined> {
  if (dispatch === "local") {
    if (dispatchConfig === undefined) return undefined;
    throw new UsageError("--dispatch local takes no --dispatch-config");
  }
  if (dispatchConfig === undefined) {
    throw new UsageError(
      `--dispatch ${dispatch} needs a --dispatch-config file: \`uptake submit --help\` shows one`,
    );
  }
  const config = await readConfigFile(dispatchConfig, context);
  if (config.dispatch !== dispatch) {
    throw new UsageError(
      `${dispatchConfig} is for --dispatch ${config.dispatch}, not ${dispatch}`,
    );
  }
  return config;
}

/**
 * Reads a file of `--dispatch-config`, which tells what scheduler it is for.
 *
 * @throws {UsageError} when it is not there or cannot be used.
 */
export async function readConfigFile(
  path: string,
  context: Context,
): Promise<DispatchConfig> {
  const { store, key } = openFile(context, path);
  const file = await asUsage(() =>
    store.get(key, { maxBytes: MAX_DISPATCH_CONFIG_BYTES })
  );
  if (file === null) throw new UsageError(`There is no file ${path}`);
  const text = new TextDecoder().decode(file.body);
  const config = await asUsage(() => parseDispatchConfig(text), [SyntaxError]);
  if (config.dispatch !== "kubernetes") return config;
  // As with every path, relative ones start where the user stands.
  const { tokenFile, caFile } = config;
  return {
    ...config,
    ...(tokenFile === undefined
      ? {}
      : { tokenFile: resolve(context.cwd, tokenFile) }),
    ...(caFile === undefined ? {} : { caFile: resolve(context.cwd, caFile) }),
  };
}

/** Workers elsewhere cannot see this machine's folders. */
export function requireReachable(
  dispatch: DispatchOptions["dispatch"],
  names: readonly string[],
  { open }: Context,
): void {
  if (dispatch === "local") return;
  for (const name of names) {
    const { location } = open(name);
    if (location.startsWith("s3://")) continue;
    throw new UsageError(
      `${name} lies on this machine, where workers of ${dispatch} cannot reach it: copy it into a bucket`,
    );
  }
}
