/**
 * Every checkpoint on every dataset: what is to be evaluated, under which name, and what is not, and why.
 * @module
 */
import type { DatasetIndex } from "../../../shared/datasets/dataset_index.ts";
import type { Case } from "../../../shared/datasets/dataset.ts";
import type { CheckpointCard } from "../../../shared/network/checkpoint.ts";
import { buildNetwork } from "../../../shared/network/networks.ts";
import { inferShapes } from "../../../shared/network/shapes.ts";
import { evaluationHash } from "../../../shared/runs/home/hashes.ts";
import {
  type EvaluatedCases,
  type EvaluationOptions,
  evaluationOptionsSchema,
  type RegisteredCheckpoint,
} from "../../../shared/runs/home/records.ts";
import { frozenOptions } from "../../cli/segment_options.ts";
import type { NightOptions } from "./night_options.ts";
import { type Seen, selectCases } from "./select_cases.ts";

export interface PlannedEvaluation {
  readonly checkpoint: RegisteredCheckpoint;
  readonly dataset: DatasetIndex;
  readonly cases: readonly Case[];
  readonly which: EvaluatedCases;
  readonly seen: Seen;
  readonly options: EvaluationOptions;
  /** Names its record. */
  readonly hash: string;
}

export interface SkippedEvaluation {
  readonly checkpoint: string;
  readonly dataset: string;
  readonly reason: string;
}

export interface NightPlan {
  readonly planned: readonly PlannedEvaluation[];
  readonly skipped: readonly SkippedEvaluation[];
}

/** In the order of the checkpoints, so that a predecessor is evaluated before who is compared with it. */
export function planEvaluations(
  checkpoints: readonly RegisteredCheckpoint[],
  datasets: readonly DatasetIndex[],
  given: NightOptions,
): NightPlan {
  const planned: PlannedEvaluation[] = [];
  const skipped: SkippedEvaluation[] = [];
  for (const checkpoint of checkpoints) {
    for (const dataset of datasets) {
      const { card, sha256 } = checkpoint;
      const options = evaluationOptions(given, card);
      const problem = windowProblem(card, options);
      const selection = problem === null
        ? selectCases(checkpoint, dataset)
        : { type: "skip" as const, reason: problem };
      if (selection.type === "skip") {
        const { reason } = selection;
        const names = { checkpoint: checkpoint.name, dataset: dataset.name };
        skipped.push({ ...names, reason });
        continue;
      }
      const { cases, which, seen } = selection;
      const hash = evaluationHash({
        checkpointSha256: sha256,
        datasetDigest: dataset.digest,
        options,
        cases: which,
      });
      planned.push({ checkpoint, dataset, cases, which, seen, options, hash });
    }
  }
  return { planned, skipped };
}

function evaluationOptions(
  given: NightOptions,
  card: CheckpointCard,
): EvaluationOptions {
  const { swBatch: _, saveProbabilities: __, ...options } = frozenOptions(
    { ...given, saveProbabilities: false },
    card,
    "cpu",
  );
  return evaluationOptionsSchema.parse(options);
}

/** Why a network cannot take a window, or null. */
function windowProblem(
  { network }: CheckpointCard,
  { roi }: EvaluationOptions,
): string | null {
  try {
    inferShapes(buildNetwork(network), [1, network.inChannels, ...roi]);
    return null;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return error.message;
  }
}
