/**
 * What a night finds before it begins: checkpoints, datasets, and what was evaluated before.
 * @module
 */
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import type { RegisteredCheckpoint } from "../../../shared/runs/home/records.ts";
import { runFolder } from "../../../shared/runs/home/keys.ts";
import { substore } from "../../../shared/storage/substore.ts";
import type { Context } from "../../cli/context.ts";
import { attempt } from "./attempt.ts";
import { indexDatasets } from "./index_datasets.ts";
import { type EvaluationState, failedCasesOf, lookUp } from "./look_up.ts";
import type { NightOptions } from "./night_options.ts";
import {
  planEvaluations,
  type PlannedEvaluation,
  type SkippedEvaluation,
} from "./plan_evaluations.ts";
import { openDatasets } from "./open_datasets.ts";
import { readRegistry } from "./registered.ts";

export interface Outlook {
  /** Those registered first come first. */
  readonly checkpoints: readonly RegisteredCheckpoint[];
  readonly planned: readonly {
    readonly evaluation: PlannedEvaluation;
    readonly state: EvaluationState;
    /** Of its run; null: it has none yet. */
    readonly location: string | null;
  }[];
  /** Evaluations whose records cannot be understood. */
  readonly failed: readonly PlannedEvaluation[];
  readonly skipped: readonly SkippedEvaluation[];
  /** What cannot be looked at, as sentences. */
  readonly problems: readonly string[];
}

/** Whether a night that found this would do all, as far as can be told: a failed case that is tried again may pass. */
export function mayBeWhole({ planned, failed, problems }: Outlook): boolean {
  return problems.length + failed.length === 0 &&
    planned.every(({ state }) =>
      failedCasesOf(state).every(({ isTriedAgain }) => isTriedAgain)
    );
}

/**
 * Looks around; of all that it writes only the indices of datasets, and nothing on a dry run.
 *
 * @throws {UsageError} when two datasets have the same name.
 */
export async function lookAhead(
  home: ObjectStore,
  given: NightOptions,
  { open, say, signal }: Pick<Context, "open" | "say" | "signal">,
): Promise<Outlook> {
  const registry = await readRegistry(home, signal);
  const { checkpoints } = registry;
  const indexed = await indexDatasets(
    home,
    openDatasets(given.datasets, { open }),
    {
      isDry: given.dryRun,
      signal,
      say,
    },
  );
  const { planned, skipped } = planEvaluations(
    checkpoints,
    indexed.datasets,
    given,
  );
  const problems = [...registry.problems, ...indexed.problems];
  const withStates: Outlook["planned"][number][] = [];
  const failed: PlannedEvaluation[] = [];
  for (const evaluation of planned) {
    signal.throwIfAborted();
    const look = () => lookUp(home, evaluation, say);
    const state = await attempt(evaluation, problems, look);
    if (state === null) failed.push(evaluation);
    else {
      const location = state.type === "new"
        ? null
        : substore(home, runFolder(state.evaluation.runId)).location;
      withStates.push({ evaluation, state, location });
    }
  }
  return { checkpoints, planned: withStates, failed, skipped, problems };
}
