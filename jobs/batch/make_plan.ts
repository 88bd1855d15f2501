/**
 * A plan as the dashboard's operators see it before they start it.
 * @module
 */
import type {
  PlanAsked,
  PlanProblems,
  PlanReport,
} from "../../shared/dispatch/operations.ts";
import type { Context } from "../cli/context.ts";
import { frozenOptions } from "../cli/segment_options.ts";
import { UsageError } from "../cli/usage_error.ts";
import { type DispatchSetting, workersText } from "./dispatch_settings.ts";
import { parseFormOptions } from "./form_fields.ts";
import type { FreezablePlan } from "./freeze_planned.ts";
import { measureWindow } from "./measure_window.ts";
import type { DatasetPlan } from "./plan_dataset.ts";
import { type PlannedRuns, planRuns } from "./plan_runs.ts";
import type { PlanRunsOptions } from "./submit_options.ts";

/** So many of each kind of problem are told. */
const TOLD = 50;

/** A plan until it is started. */
export interface KeptPlan {
  readonly planned: FreezablePlan;
  readonly options: PlanRunsOptions;
  readonly report: PlanReport;
}

/**
 * @throws {UsageError} when it cannot be so; {RangeError} for options that cannot be.
 */
export async function makePlan(
  { dispatches, workers }: {
    readonly dispatches: readonly DispatchSetting[];
    readonly workers: number;
  },
  asked: PlanAsked,
  context: Context,
): Promise<KeptPlan> {
  const { secondsPerWindow, ...form } = parseFormOptions(asked.options);
  const { folds, dispatch } = asked;
  const setting = dispatches.find((one) => one.dispatch === dispatch);
  if (setting === undefined) {
    throw new UsageError(`Workers cannot run on ${dispatch} from here`);
  }
  const { dispatchConfig } = setting;
  const options: PlanRunsOptions = {
    ...form,
    dataset: asked.dataset,
    checkpoint: asked.checkpoints.map(({ location }) => location),
    perFold: folds === "each",
    ...(typeof folds === "number" ? { fold: folds } : {}),
    dispatch,
    workers,
    wait: false,
    ...(dispatchConfig === undefined ? {} : { dispatchConfig }),
  };
  const planned = await planRuns(options, context);
  requireSameFiles(planned, asked);
  const seconds = secondsPerWindow ?? await measureHere(planned, options);
  const { engine, config } = planned;
  return {
    // Weights are of no use any more, and large.
    planned: {
      engine,
      config,
      runs: planned.runs.map(({ checkpoints, fold, plan }) => ({
        checkpoints: checkpoints.map(({ card, ref }) => ({ card, ref })),
        fold,
        plan,
      })),
    },
    options,
    report: reportOf(planned, options, asked, seconds),
  };
}

/** Somebody may have put another file where the chosen one was. */
function requireSameFiles({ runs }: PlannedRuns, asked: PlanAsked): void {
  const loaded = runs.flatMap(({ checkpoints }) => checkpoints);
  for (const { location, sha256 } of asked.checkpoints) {
    if (loaded.some(({ ref }) => ref.sha256 === sha256)) continue;
    throw new UsageError(
      `Cannot use the checkpoint ${location}: another file is there now than the one that was chosen`,
    );
  }
}

/** Of workers elsewhere nothing is known here. */
async function measureHere(
  { runs, engine }: PlannedRuns,
  options: PlanRunsOptions,
): Promise<number | null> {
  const checkpoint = runs[0]?.checkpoints[0];
  const hasWindows = runs.some(({ plan }) => plan.windows > 0);
  const isHere = options.dispatch === "local" && options.workers > 0;
  if (!isHere || !hasWindows || !checkpoint) return null;
  return await measureWindow(
    checkpoint,
    engine,
    frozenOptions(options, checkpoint.card, engine.device),
  );
}

function reportOf(
  { runs, engine, config }: PlannedRuns,
  options: PlanRunsOptions,
  asked: PlanAsked,
  secondsPerWindow: number | null,
): PlanReport {
  const [first] = runs;
  const { card } = first!.checkpoints[0]!;
  const { dataset } = first!.plan;
  const perHour = config?.pricePerHour;
  // Of several runs each has one worker.
  const isSplit = runs.length > 1;
  const perRun = isSplit ? 1 : Math.max(1, options.workers);
  return {
    id: crypto.randomUUID(),
    asked,
    dataset: { name: dataset.name, location: dataset.location },
    workers: workersText(
      options.dispatch,
      isSplit && options.workers > 0 ? runs.length : options.workers,
    ),
    engine: `${engine.name} on ${engine.device}`,
    options: Object.fromEntries(
      Object.entries(frozenOptions(options, card, engine.device))
        .map(([name, value]) => [name, String(value)]),
    ),
    runs: runs.map(({ checkpoints, fold, plan }) => {
      const worked = secondsPerWindow === null
        ? null
        : plan.windows * secondsPerWindow;
      return {
        fold: fold ?? null,
        checkpoints: checkpoints.map(({ ref }) => shortName(ref.name)),
        matched: plan.matched.length,
        labelled: plan.withLabel,
        ...problemsOf(plan),
        bytes: plan.bytes,
        windows: plan.windows,
        memoryBytes: plan.memoryBytes,
        seconds: worked === null ? null : worked / perRun,
        cost: worked === null || perHour === undefined ? null : {
          amount: worked / 3600 * perHour,
          currency: config!.currency,
        },
      };
    }),
  };
}

function problemsOf({ ambiguous, unmatched, unreadable }: DatasetPlan) {
  return {
    ambiguous: told(ambiguous, ({ caseId, keys, reason }) => ({
      name: caseId ?? "No case",
      reason: `${reason}: ${keys.join(", ")}`,
    })),
    unmatched: told(unmatched, ({ key, reason }) => ({ name: key, reason })),
    unreadable: told(unreadable, ({ caseId, key, kind, problem }) => ({
      name: caseId,
      reason: `${key}: ${problem} (${kind})`,
    })),
  };
}

function told<T>(
  items: readonly T[],
  tell: (item: T) => PlanProblems["first"][number],
): PlanProblems {
  return { count: items.length, first: items.slice(0, TOLD).map(tell) };
}

/** A file's name without its folders. */
function shortName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
