/**
 * Which cases of a dataset a checkpoint may be judged by: labelled ones that it was not trained on, as far as
 * its card tells.
 * @module
 */
import { chooseChannels } from "../../../shared/datasets/choose_channels.ts";
import type {
  DatasetIndex,
  IndexedCase,
} from "../../../shared/datasets/dataset_index.ts";
import type { Case } from "../../../shared/datasets/dataset.ts";
import type { Channel } from "../../../shared/datasets/layouts.ts";
import { trainingProvenance } from "../../../shared/network/training_provenance.ts";
import type {
  EvaluatedCases,
  RegisteredCheckpoint,
} from "../../../shared/runs/home/records.ts";

/**
 * Whether the checkpoint was trained on the cases: `validation fold`, not on these of its dataset; `unknown`, its
 * card does not tell on what it was trained.
 */
export type Seen = "no" | "validation fold" | "unknown";

export type Selection =
  | {
    readonly type: "evaluate";
    readonly cases: readonly Case[];
    readonly which: EvaluatedCases;
    readonly seen: Seen;
  }
  | { readonly type: "skip"; readonly reason: string };

/** Never throws: what does not go together is skipped, with the reason as a sentence without a full stop. */
export function selectCases(
  checkpoint: RegisteredCheckpoint,
  dataset: DatasetIndex,
): Selection {
  const labelled = dataset.cases.filter(({ label }) => label !== undefined);
  if (labelled.length === 0) return skip("the dataset has no labelled case");
  let channels: readonly number[];
  try {
    channels = chooseChannels(
      dataset.location,
      channelsOf(dataset),
      checkpoint.card.channels,
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return skip(error.message);
  }
  const evaluate = (
    cases: readonly IndexedCase[],
    which: EvaluatedCases,
    seen: Seen,
  ): Selection => ({
    type: "evaluate",
    cases: cases.map((item) => caseFor(item, channels)),
    which,
    seen,
  });
  const trainedOn = wasTrainedOn(checkpoint, dataset);
  if (trainedOn !== true) {
    return evaluate(labelled, "all", trainedOn === null ? "unknown" : "no");
  }
  const { fold } = checkpoint;
  if (fold === null) {
    return skip("it was trained on this dataset, and of no fold");
  }
  const own = labelled.filter((item) => item.fold === fold);
  if (own.length > 0) return evaluate(own, { fold }, "validation fold");
  const folds = new Set(labelled.flatMap((item) => item.fold ?? []));
  return skip(
    `it was trained on this dataset, of fold ${fold}, and the labelled cases have ${
      folds.size === 0
        ? "no folds"
        : `the folds ${[...folds].sort((a, b) => a - b).join(", ")}`
    }`,
  );
}

function skip(reason: string): Selection {
  return { type: "skip", reason };
}

/** Null: its card does not tell. */
function wasTrainedOn(
  { card }: RegisteredCheckpoint,
  dataset: DatasetIndex,
): boolean | null {
  const training = trainingProvenance(card);
  if (
    training.dataset === dataset.name ||
    training.datasetDigest === dataset.digest
  ) return true;
  // Another digest alone does not tell: the dataset may have got a new one since.
  return training.dataset === undefined ? null : false;
}

function channelsOf({ channels, cases }: DatasetIndex): Channel[] {
  const names = channels.length > 0
    ? channels
    : cases[0]!.images.map(() => null);
  return names.map((name) => ({ name, unit: "unknown" }));
}

/** The case as the checkpoint's run takes it: its channels alone, in the order of the network. */
function caseFor(item: IndexedCase, channels: readonly number[]): Case {
  const { etags, bytes, unit, images, ...rest } = item;
  const takesAll = channels.length === images.length;
  return {
    ...rest,
    images: channels.map((n) => images[n]!),
    etags: channels.map((n) => etags[n]!),
    // Told of the dataset's first channel only.
    unit: channels[0] === 0 ? unit : "unknown",
    ...(bytes !== undefined && takesAll ? { bytes } : {}),
  };
}
