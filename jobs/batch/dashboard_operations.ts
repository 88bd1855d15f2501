/**
 * Planning, starting and registering as the dashboard's operators do it: what the verbs do, with sentences
 * instead of exit codes, and plans that are kept until somebody starts them.
 * @module
 */
import { CaseError } from "../../shared/case_error.ts";
import type {
  Operations,
  Refusable,
  RegisteredEntry,
} from "../../shared/dispatch/operations.ts";
import { readCheckpoint } from "../../shared/network/checkpoint.ts";
import type { RegisteredCheckpoint } from "../../shared/runs/home/records.ts";
import { checkpointFileKey } from "../../shared/runs/home/keys.ts";
import { sha256 } from "../../shared/runs/sha256.ts";
import type { Context } from "../cli/context.ts";
import { ExitError } from "../cli/exit_error.ts";
import { explain } from "../cli/explain.ts";
import { UsageError } from "../cli/usage_error.ts";
import { openHome } from "../evaluation/open_home.ts";
import { registerCheckpoint } from "../evaluation/register_checkpoint.ts";
import { readRegistry } from "../evaluation/reevaluate/registered.ts";
import { dispatchChoices, type DispatchSetting } from "./dispatch_settings.ts";
import { FORM_FIELDS, formProblems } from "./form_fields.ts";
import { freezePlanned } from "./freeze_planned.ts";
import { type KeptPlan, makePlan } from "./make_plan.ts";
import { requireReachable } from "./plan_runs.ts";
import { restartRun } from "./restart_run.ts";
import { runToEnd } from "./run_to_end.ts";
import { datasetAt, nameOf } from "./typed_dataset.ts";

export interface OperationsOptions {
  readonly home: string;
  /** Datasets that may be chosen besides those the home knows. */
  readonly datasets: readonly string[];
  /** Stores under which operators may type any location. */
  readonly datasetRoots: readonly string[];
  readonly allowSubmit: boolean;
  /** Where workers may run; the first is taken where nobody chooses. */
  readonly dispatches: readonly DispatchSetting[];
  readonly workers: number;
}

/** Plans that are kept; the oldest are forgotten first. */
const MAX_PLANS = 20;
/** Plans that are being made or wait for their turn. */
const MAX_WAITING = 10;

/**
 * @param context of the program that serves the dashboard: its signal ends what is under way
 * @throws {RangeError} when nowhere is named to run workers.
 */
export function dashboardOperations(
  options: OperationsOptions,
  context: Context,
): Operations {
  const plans = new Map<string, KeptPlan>();
  let nWaiting = 0;
  let planning: Promise<unknown> = Promise.resolve();

  /** One after the other: each has a checkpoint's weights in memory, and may measure how fast this machine is. */
  async function inTurn<T>(work: () => Promise<T>): Promise<Refusable<T>> {
    if (nWaiting >= MAX_WAITING) {
      return refuse("Too many plans are being made: try again in a while");
    }
    nWaiting++;
    const made = planning.then(() => orRefuse(work));
    planning = made.then(() => {}, () => {});
    try {
      return await made;
    } finally {
      nWaiting--;
    }
  }

  return {
    maySubmit: options.allowSubmit,
    datasets: options.datasets.map((name) => {
      const { location } = context.open(name);
      return { name: nameOf(location), location };
    }),
    datasetRoots: options.datasetRoots.map((name) =>
      context.open(name).location
    ),
    dispatches: dispatchChoices(options.dispatches, options.workers),
    fields: FORM_FIELDS,
    datasetAt: (typed) => datasetAt(typed, options.datasetRoots, context),
    async plan(asked) {
      const wrong = formProblems(asked.options);
      const refused = Object.entries(wrong)
        .map(([name, problem]) => `${name} ${problem}`).join("; ");
      if (refused !== "") return { refused, options: wrong };
      const made = await inTurn(() => makePlan(options, asked, context));
      if ("refused" in made) return made;
      const { report } = made.done;
      plans.set(report.id, made.done);
      for (const id of plans.keys()) {
        if (plans.size <= MAX_PLANS) break;
        plans.delete(id);
      }
      return { done: report };
    },
    planned: (id) => plans.get(id)?.report ?? null,
    async submit(id) {
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
    async restart(runId) {
      if (!options.allowSubmit) {
        return refuse(
          "Workers cannot be started from here: the dashboard was started without --allow-submit",
        );
      }
      const [setting] = options.dispatches;
      const { home, workers } = options;
      return await orRefuse(() =>
        restartRun(runId, { home, setting: setting!, workers }, context)
      );
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
    registerCheckpoint: ({ bytes, name, family, fold }) =>
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

async function startPlanned(
  { planned, options }: KeptPlan,
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
): RegisteredEntry {
  const location = `${home}/${checkpointFileKey(name)}`;
  return { name, location, sha256, bytes, registeredAt, family, fold };
}

const refuse = (refused: string) => ({ refused });

/** What is the user's to mend becomes a sentence. */
async function orRefuse<T>(
  work: () => Promise<T>,
  refusals: readonly ErrorConstructor[] = [RangeError, SyntaxError],
): Promise<Refusable<T>> {
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
