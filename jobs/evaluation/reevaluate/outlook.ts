/**
 * What a night finds before it begins: checkpoints, datasets, and what was evaluated before.
 * @module
 */
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import type { RegisteredCheckpoint } from "../../../shared/runs/home/records.ts";
import type { Context } from "../../cli/context.ts";
import { attempt } from "./attempt.ts";
import { indexDatasets } from "./index_datasets.ts";
import { type EvaluationState, lookUp } from "./look_up.ts";
import type { NightOptions } from "./night_options.ts";
import {
  planEvaluations,
  type PlannedEvaluation,
  type SkippedEvaluation,
} from "./plan_evaluations.ts";
import { readRegistry } from "./registered.ts";

export interface Outlook {
  /** Those registered first come first. */
  readonly checkpoints: readonly RegisteredCheckpoint[];
  readonly planned: readonly {
    readonly evaluation: PlannedEvaluation;
    readonly state: EvaluationState;
  }[];
  /** Evaluations whose records cannot be understood. */
  readonly failed: readonly PlannedEvaluation[];
  readonly skipped: readonly SkippedEvaluation[];
  /** What cannot be looked at, as sentences. */
  readonly problems: readonly string[];
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
    given.datasets.map((location) => open(location)),
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
    else withStates.push({ evaluation, state });
  }
  return { checkpoints, planned: withStates, failed, skipped, problems };
}
