/**
 * One night: every registered checkpoint on every dataset that it was not evaluated on before, then each
 * compared with its predecessor and with the best of its family and of its fold.
 * @module
 */
import type { DispatchConfig } from "../../../shared/dispatch/dispatch_config.ts";
import { runFolder } from "../../../shared/runs/home/keys.ts";
import type {
  ComparisonReason,
  RegisteredCheckpoint,
} from "../../../shared/runs/home/records.ts";
import type { RunSummary } from "../../../shared/runs/records.ts";
import { writeRunSummary } from "../../../shared/runs/summarise.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { substore } from "../../../shared/storage/substore.ts";
import type { Context } from "../../cli/context.ts";
import { openHome } from "../open_home.ts";
import { about, attempt } from "./attempt.ts";
import { count } from "./cells.ts";
import { compareEvaluated, type MadeComparison } from "./compare_evaluated.ts";
import { figuresOf } from "./figures.ts";
import { freezeEvaluation } from "./freeze_evaluation.ts";
import type { NightOptions } from "./night_options.ts";
import {
  casesToTryAgain,
  type EvaluationState,
  isRecorded,
} from "./look_up.ts";
import { lookAhead } from "./outlook.ts";
import type {
  PlannedEvaluation,
  SkippedEvaluation,
} from "./plan_evaluations.ts";
import { isNewest, requireRegistered } from "./registered.ts";
import { bestOf, bestOfFold, type Evaluated, predecessorOf } from "./rivals.ts";
import { openRunSettings, type RunSettings } from "./run_settings.ts";
import { tryAgain } from "./try_again.ts";
import { workEvaluation } from "./work_evaluation.ts";

/** A comparison, and what it says of the present. */
export interface StandingComparison extends Omit<MadeComparison, "type"> {
  /** Whether the newest checkpoint of a family and fold is worse than one that was there before. */
  readonly isAlarm: boolean;
}

/** Two checkpoints of which no verdict is made. */
export interface Uncompared {
  readonly why: ComparisonReason;
  readonly dataset: string;
  readonly before: string;
  readonly after: string;
  /** Cases that have results of both. */
  readonly n: number;
}

export interface Night {
  readonly evaluated: readonly Evaluated[];
  /** Evaluations of which nothing is known, not even which cases are missing: a problem tells why. */
  readonly failed: readonly PlannedEvaluation[];
  readonly skipped: readonly SkippedEvaluation[];
  readonly comparisons: readonly StandingComparison[];
  readonly uncompared: readonly Uncompared[];
  /** What could not be done, as sentences. */
  readonly problems: readonly string[];
}

/**
 * Does what is to be done. What fails for one checkpoint on one dataset is told, and the others go on.
 *
 * @throws {UsageError} when options, or the datasets' names, do not go together, or no checkpoint is registered.
 * @throws the signal's reason once it is aborted; what stores and schedulers throw.
 */
export async function reevaluate(
  given: NightOptions,
  config: DispatchConfig | undefined,
  context: Context,
): Promise<Night> {
  const { signal } = context;
  // Before a home is written to that may be none.
  await requireRegistered(context.open(given.home), signal);
  const { home, isConditional } = await openHome(given.home, context);
  const outlook = await lookAhead(home, given, context);
  const problems = [...outlook.problems];
  const evaluated: Evaluated[] = [];
  const failed = [...outlook.failed];
  let settings: RunSettings | null = null;
  for (const { evaluation, state } of outlook.planned) {
    signal.throwIfAborted();
    const known = await attempt(
      evaluation,
      problems,
      () => knownResults(home, evaluation, state),
    );
    if (known !== "none") {
      if (known === null) failed.push(evaluation);
      else evaluated.push(known);
      continue;
    }
    // Loading the engine takes seconds: not on a night that has nothing to compute.
    settings ??= await openRunSettings(given, config, isConditional);
    const own = settings;
    const end = await attempt(
      evaluation,
      problems,
      () => evaluate(home, evaluation, state, own, problems, context),
    );
    if (end === null) failed.push(evaluation);
    else evaluated.push(end);
  }
  const compared = await compareAll(
    home,
    evaluated,
    outlook.checkpoints,
    problems,
    context,
  );
  const { skipped } = outlook;
  return { evaluated, failed, skipped, ...compared, problems };
}

/** What nothing is left to compute for; `none` where something is. */
async function knownResults(
  home: ObjectStore,
  evaluation: PlannedEvaluation,
  state: EvaluationState,
): Promise<Evaluated | "none"> {
  if (state.type === "new" || casesToTryAgain(state).length > 0) return "none";
  const { runId } = state.evaluation;
  const store = substore(home, runFolder(runId));
  const asKnown = (summary: RunSummary) =>
    evaluatedAs(evaluation, { runId, store }, summary, false);
  if (state.type === "done") return asKnown(state.summary);
  if (!state.isSummaryDamaged) return "none";
  const ids = evaluation.cases.map(({ caseId }) => caseId);
  const { summary } = await writeRunSummary(store, runId, ids);
  return isRecorded(summary.coverage) ? asKnown(summary) : "none";
}

async function evaluate(
  home: ObjectStore,
  evaluation: PlannedEvaluation,
  state: EvaluationState,
  settings: RunSettings,
  problems: string[],
  context: Context,
): Promise<Evaluated> {
  const run = await freezeEvaluation(home, evaluation, settings);
  context.say(
    about(evaluation, `${count(run.cases.length, "case")}, run ${run.runId}`),
  );
  const failed = state.type === "new" ? null : state.failed;
  const retries = failed === null
    ? 0
    : (await tryAgain(run.store, failed)).retries;
  const { summary, problem } = await workEvaluation(
    run,
    retries,
    settings,
    context,
  );
  if (problem !== null) problems.push(about(evaluation, problem));
  return evaluatedAs(evaluation, run, summary, true);
}

function evaluatedAs(
  evaluation: PlannedEvaluation,
  { runId, store }: Pick<Evaluated, "runId" | "store">,
  summary: RunSummary,
  isNew: boolean,
): Evaluated {
  const figures = figuresOf(summary);
  return { ...evaluation, runId, store, summary, figures, isNew };
}

/** @returns in the order of the evaluations, predecessors first. */
async function compareAll(
  home: ObjectStore,
  evaluated: readonly Evaluated[],
  checkpoints: readonly RegisteredCheckpoint[],
  problems: string[],
  { signal, say }: Pick<Context, "signal" | "say">,
): Promise<Pick<Night, "comparisons" | "uncompared">> {
  const comparisons: StandingComparison[] = [];
  const uncompared: Uncompared[] = [];
  for (const after of evaluated) {
    const rivals: [ComparisonReason, Evaluated | null][] = [
      ["predecessor", predecessorOf(after, evaluated)],
      ["best", bestOf(after, evaluated)],
      ["bestOfFold", bestOfFold(after, evaluated)],
    ];
    for (const [why, before] of rivals) {
      signal.throwIfAborted();
      if (before === null) continue;
      const compare = () => compareEvaluated(home, before, after, why, say);
      const made = await attempt(after, problems, compare);
      if (made === null) continue;
      if (made.type === "tooFew") {
        uncompared.push({
          why,
          dataset: after.dataset.name,
          before: before.checkpoint.name,
          after: after.checkpoint.name,
          n: made.n,
        });
        continue;
      }
      // Of several folds one is always the worst: that alone is no news.
      const isSameFold = before.checkpoint.fold === after.checkpoint.fold;
      const isAlarm = made.record.verdict === "worse" && isSameFold &&
        isNewest(after.checkpoint, checkpoints);
      const { record, isNew } = made;
      comparisons.push({ record, isNew, isAlarm });
    }
  }
  return { comparisons, uncompared };
}
