/**
 * Freezes planned runs in a home.
 * @module
 */
import type { Case } from "../../shared/datasets/dataset.ts";
import { freezeRun } from "../../shared/runs/freeze.ts";
import type { Coordination, SegmentRun } from "../../shared/runs/records.ts";
import { newRunId } from "../../shared/runs/run_id.ts";
import { lastWriterWins } from "../../shared/storage/last_writer.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { canCreateConditionally } from "../../shared/storage/probe.ts";
import { substore } from "../../shared/storage/substore.ts";
import { VERSION } from "../../shared/version.ts";
import {
  frozenOptions,
  type GivenSegmentOptions,
} from "../cli/segment_options.ts";
import { UsageError } from "../cli/usage_error.ts";
import type { LoadedCheckpoint } from "../segmentation/model.ts";
import type { PlannedRun, PlannedRuns } from "./plan_runs.ts";

export interface FrozenRunRef {
  readonly runId: string;
  readonly location: string;
  readonly run: SegmentRun;
  readonly cases: readonly Case[];
  /** The run's folder, as it can be written to. */
  readonly store: ObjectStore;
}

/** What of planned runs is frozen: of checkpoints everything but their weights. */
export interface FreezablePlan extends Pick<PlannedRuns, "engine" | "config"> {
  readonly runs: readonly FreezableRun[];
}

interface FreezableRun extends Pick<PlannedRun, "fold" | "plan"> {
  readonly checkpoints: readonly Pick<LoadedCheckpoint, "card" | "ref">[];
}

export interface FreezeOptions extends GivenSegmentOptions {
  readonly workers: number;
  readonly termSeconds: number;
}

/**
 * Creates `runs/<id>/run.json` of each planned run.
 *
 * @throws {UsageError} when a run has no case, or the home cannot do what the workers need.
 */
export async function freezePlanned(
  home: ObjectStore,
  { runs, engine, config }: FreezablePlan,
  options: FreezeOptions,
  signal: AbortSignal,
): Promise<FrozenRunRef[]> {
  for (const planned of runs) {
    if (planned.plan.matched.length === 0) {
      throw new UsageError(whyEmpty(planned));
    }
  }
  const coordination = await chooseCoordination(home, runs, options, signal);
  const price = config?.pricePerHour === undefined ? undefined : {
    perHour: config.pricePerHour,
    currency: config.currency,
  };
  const frozen: FrozenRunRef[] = [];
  for (const planned of runs) {
    const { plan, checkpoints, fold } = planned;
    const { matched, unreadable, dataset, digest } = plan;
    const now = new Date();
    const runId = newRunId(now);
    const folder = substore(home, `runs/${runId}`);
    const store = coordination.kind === "claims"
      ? folder
      : lastWriterWins(folder);
    const { card } = checkpoints[0]!;
    const { run } = await freezeRun(store, {
      format: 1,
      kind: "segment",
      runId,
      createdAt: now.toISOString(),
      codeVersion: VERSION,
      dataset: {
        name: dataset.name,
        location: dataset.location,
        ...(digest === null ? {} : { digest }),
        ...(fold === undefined ? {} : { fold }),
      },
      coordination,
      ...(price === undefined ? {} : { price }),
      checkpoints: checkpoints.map(({ ref }) => ref),
      options: frozenOptions(options, card, engine.device),
      engine,
      classes: [...card.classes],
      // What cannot be read stands in the records as failed: nothing is left out unseen.
      cases: [...matched, ...unreadable].map(({ item }) => item),
    });
    frozen.push({
      runId,
      location: store.location,
      run,
      cases: run.cases,
      store,
    });
  }
  return frozen;
}

/** Claims where the store can create conditionally, else a fixed part of the cases for each worker. */
async function chooseCoordination(
  home: ObjectStore,
  runs: readonly FreezableRun[],
  { workers, termSeconds }: FreezeOptions,
  signal: AbortSignal,
): Promise<Coordination> {
  if (await canCreateConditionally(home, signal)) {
    return { kind: "claims", termSeconds };
  }
  if (runs.length > 1 || workers === 0) {
    throw new UsageError(
      `${home.location} cannot create objects conditionally, so that workers cannot share a run's cases: say how many --workers one run has, each gets a fixed part`,
    );
  }
  return { kind: "shards", count: workers };
}

function whyEmpty({ plan, fold }: FreezableRun): string {
  const { ambiguous, unmatched, unreadable } = plan;
  const problems = ambiguous.length + unmatched.length + unreadable.length;
  return `There is no case to segment in ${plan.dataset.location}${
    fold === undefined ? "" : `, fold ${fold}`
  }: ${problems} problem${
    problems === 1 ? "" : "s"
  }, \`uptake plan\` lists them`;
}
