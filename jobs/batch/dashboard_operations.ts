/**
 * Planning, starting and registering as the dashboard's operators do it: what the verbs do, with sentences
 * instead of exit codes, and plans that are kept until somebody starts them.
 * @module
 */
import { CaseError } from "../../shared/case_error.ts";
import { readCheckpoint } from "../../shared/network/checkpoint.ts";
import type { RegisteredCheckpoint } from "../../shared/runs/home/records.ts";
import { checkpointFileKey } from "../../shared/runs/home/keys.ts";
import { sha256 } from "../../shared/runs/sha256.ts";
import type { Context } from "../cli/context.ts";
import { ExitError } from "../cli/exit_error.ts";
import { explain } from "../cli/explain.ts";
import { frozenOptions } from "../cli/segment_options.ts";
import { UsageError } from "../cli/usage_error.ts";
import { openHome } from "../evaluation/open_home.ts";
import { registerCheckpoint } from "../evaluation/register_checkpoint.ts";
import { readRegistry } from "../evaluation/reevaluate/registered.ts";
import { FORM_FIELDS, parseFormOptions } from "./form_fields.ts";
import { type FreezablePlan, freezePlanned } from "./freeze_planned.ts";
import { measureWindow } from "./measure_window.ts";
import type { DatasetPlan } from "./plan_dataset.ts";
import { type PlannedRuns, planRuns, requireReachable } from "./plan_runs.ts";
import { runToEnd } from "./run_to_end.ts";
import type { DispatchOptions, PlanRunsOptions } from "./submit_options.ts";

export interface OperationsOptions
  extends Pick<DispatchOptions, "dispatch" | "workers" | "dispatchConfig"> {
  readonly home: string;
  /** Datasets that may be chosen besides those the home knows. */
  readonly datasets: readonly string[];
  readonly allowSubmit: boolean;
}

/** What is to be planned. */
export interface Asked {
  readonly dataset: string;
  readonly checkpoints: readonly { location: string; sha256: string }[];
  /** `each`: a run for each checkpoint, the first of which does fold 0. */
  readonly folds: "all" | "each" | number;
  readonly options: Readonly<Record<string, string>>;
}

/** Plans that are kept; the oldest are forgotten first. */
const MAX_PLANS = 20;
/** So many of each kind of problem are told. */
const TOLD = 50;

/** @param context of the program that serves the dashboard: its signal ends what is under way */
export function dashboardOperations(
  options: OperationsOptions,
  context: Context,
) {
  const plans = new Map<string, Kept>();
  let isPlanning = false;

  async function plan(asked: Asked) {
    if (isPlanning) {
      return refuse("Another plan is being made: try again when it is done");
    }
    isPlanning = true;
    try {
      return await orRefuse(() => makePlan(options, asked, context));
    } finally {
      isPlanning = false;
    }
  }

  return {
    maySubmit: options.allowSubmit,
    datasets: options.datasets.map((name) => {
      const { location } = context.open(name);
      return { name: location.split("/").at(-1) ?? location, location };
    }),
    fields: FORM_FIELDS,
    async plan(asked: Asked) {
      const made = await plan(asked);
      if ("refused" in made) return made;
      const { report } = made.done;
      plans.set(report.id, made.done);
      for (const id of plans.keys()) {
        if (plans.size <= MAX_PLANS) break;
        plans.delete(id);
      }
      return { done: report };
    },
    planned: (id: string) => plans.get(id)?.report ?? null,
    async submit(id: string) {
      if (!options.allowSubmit) {
        return refuse(
          "Runs cannot be started from here: the dashboard was started without --allow-submit",
        );
      }
      const kept = plans.get(id);
      if (kept === undefined) {
        return refuse(
          "This plan was started already, or is forgotten: plan it again",
        );
      }
      // Before anything is awaited: pressed twice it starts once.
      plans.delete(id);
      return await orRefuse(() => startPlanned(kept, options, context));
    },
    async registered() {
      const home = context.open(options.home);
      const { checkpoints, problems } = await readRegistry(
        home,
        context.signal,
      );
      return {
        checkpoints: checkpoints.toReversed().map((record) =>
          entryOf(home.location, record)
        ),
        problems,
      };
    },
    registerCheckpoint: (
      { bytes, name, family, fold }: {
        readonly bytes: Uint8Array<ArrayBuffer>;
        readonly name: string;
        readonly family: string | null;
        readonly fold: number | null;
      },
    ) =>
      orRefuse(async () => {
        const { card, weights } = readCheckpoint(bytes);
        const { home } = await openHome(options.home, context);
        const ref = { name, location: "", sha256: await sha256(bytes) };
        const { record, isNew } = await registerCheckpoint(
          home,
          { card, weights, bytes, ref },
          {
            name,
            ...(family === null ? {} : { family }),
            ...(fold === null ? {} : { fold }),
          },
          new Date(),
        );
        return { ...entryOf(home.location, record), isNew };
      }, [RangeError]),
  };
}

/** A plan until it is started. */
interface Kept {
  readonly planned: FreezablePlan;
  readonly options: PlanRunsOptions;
  readonly report: ReturnType<typeof reportOf>;
}

async function makePlan(
  { dispatch, dispatchConfig, workers }: OperationsOptions,
  asked: Asked,
  context: Context,
): Promise<Kept> {
  const { secondsPerWindow, ...form } = parseFormOptions(asked.options);
  const { folds } = asked;
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
function requireSameFiles({ runs }: PlannedRuns, asked: Asked): void {
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
  if (options.dispatch !== "local" || !hasWindows || !checkpoint) return null;
  return await measureWindow(
    checkpoint,
    engine,
    frozenOptions(options, checkpoint.card, engine.device),
  );
}

function reportOf(
  { runs, engine, config }: PlannedRuns,
  options: PlanRunsOptions,
  asked: Asked,
  secondsPerWindow: number | null,
) {
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
    workers: workersText({
      dispatch: options.dispatch,
      workers: isSplit && options.workers > 0 ? runs.length : options.workers,
    }),
    engine: `${engine.name} on ${engine.device}`,
    options: Object.entries(frozenOptions(options, card, engine.device))
      .map(([name, value]) => [name, String(value)] as const),
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

function told<T, U>(items: readonly T[], tell: (item: T) => U) {
  return { count: items.length, first: items.slice(0, TOLD).map(tell) };
}

/** A file's name without its folders. */
function shortName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

async function startPlanned(
  { planned, options }: Kept,
  { home: location }: OperationsOptions,
  context: Context,
) {
  requireReachable(options.dispatch, [location], context);
  const home = context.open(location);
  const runs = await freezePlanned(home, planned, options, context.signal);
  const runIds = runs.map(({ runId }) => runId);
  try {
    await runToEnd(runs, options, planned.config, context);
  } catch (error) {
    if (!(error instanceof ExitError)) throw error;
    return { runIds, problem: error.message };
  }
  return { runIds, problem: null };
}

function entryOf(
  home: string,
  { name, sha256, bytes, registeredAt, family, fold }: RegisteredCheckpoint,
) {
  const location = `${home}/${checkpointFileKey(name)}`;
  return { name, location, sha256, bytes, registeredAt, family, fold };
}

function workersText(
  { dispatch, workers }: Pick<OperationsOptions, "dispatch" | "workers">,
): string {
  if (workers === 0) return "none, it is only frozen";
  const many = `${workers} ${workers === 1 ? "worker" : "workers"}`;
  const places = {
    local: "on this machine",
    kubernetes: "on Kubernetes",
    "aws-batch": "on AWS Batch",
  };
  return `${many} ${places[dispatch]}`;
}

const refuse = (refused: string) => ({ refused });

/** What is the user's to mend becomes a sentence. */
async function orRefuse<T>(
  work: () => Promise<T>,
  refusals: readonly ErrorConstructor[] = [RangeError, SyntaxError],
): Promise<{ readonly refused: string } | { readonly done: T }> {
  try {
    return { done: await work() };
  } catch (error) {
    const isTheirs = error instanceof UsageError ||
      error instanceof CaseError ||
      refusals.some((refusal) => error instanceof refusal);
    if (!isTheirs) throw error;
    return refuse(explain(error));
  }
}
