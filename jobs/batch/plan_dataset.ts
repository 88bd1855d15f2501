/**
 * Plans a batch: which cases a dataset holds for a checkpoint, which of its files are in the way, and what
 * segmenting it will take. Reads the listing and the first bytes of each file; writes nothing.
 * @module
 */
import { CaseError } from "../../shared/case_error.ts";
import { chooseChannels } from "../../shared/datasets/choose_channels.ts";
import { channelNames } from "../../shared/datasets/dataset_index.ts";
import type { Case, Dataset } from "../../shared/datasets/dataset.ts";
import { findEtags, scanDigest } from "../../shared/datasets/digest.ts";
import type {
  ListedFile,
  UnmatchedFile,
} from "../../shared/datasets/gather_cases.ts";
import { mapParallel } from "../../shared/datasets/map_parallel.ts";
import {
  type AmbiguousFiles,
  matchCases,
  type MatchedCase,
} from "../../shared/datasets/match_cases.ts";
import {
  scanDataset,
  type ScannedDataset,
} from "../../shared/datasets/scan_dataset.ts";
import { uncroppedShape } from "../../shared/imaging/preprocess.ts";
import type { Vec3 } from "../../shared/imaging/volume.ts";
import { countWindows } from "../../shared/imaging/windows/plan.ts";
import type { PetUnit } from "../../shared/metrics/pet.ts";
import type { CheckpointCard } from "../../shared/network/checkpoint.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import {
  type CheckedCase,
  checkHeaders,
  type UnreadableFile,
} from "./check_headers.ts";
import {
  type CaseSize,
  type NetworkUse,
  workerBytes,
} from "./estimate_memory.ts";

/** Requests under way at a time; more do not make a store faster. */
const CASES_AT_ONCE = 32;

export interface PlanOptions {
  /** Of the checkpoint, or of the first of several that are averaged. */
  readonly card: CheckpointCard;
  readonly nCheckpoints: number;
  /** How much neighbouring windows share, 0 to below 1. */
  readonly overlap: number;
  /** Window size in voxels. @default the checkpoint's */
  readonly roi?: Vec3;
  /** Windows that the network computes at once. @default 1 */
  readonly batch?: number;
  /** Only the cases of this fold. */
  readonly fold?: number;
  /** Overrides what the dataset declares of the first channel. */
  readonly unit?: PetUnit;
  /**
   * Whether to tell the dataset's digest where the listing does not tell ETags: then every file is read, as in
   * folders.
   * @default true
   */
  readonly readForDigest?: boolean;
  readonly signal: AbortSignal;
  /** Told after each case whose headers were looked at. */
  readonly onProgress?: (checked: number, total: number) => void;
}

export interface PlannedCase {
  /** With `bytes` and `windows`, and the versions of its files where they are known. */
  readonly item: Case;
  readonly shape: Vec3;
  readonly spacingMm: Vec3;
  /** What the network sees of it: at most, as only the voxels tell what is cropped. */
  readonly preparedShape: Vec3;
}

/** A case that is there, but whose files cannot be used: a run records it as failed. */
export interface UnreadableCase extends UnreadableFile {
  readonly item: Case;
}

export interface DatasetPlan {
  readonly dataset: Omit<Dataset, "cases">;
  /** Which of the dataset's channels each of the checkpoint's takes; null: its name is not known. */
  readonly channels: readonly {
    readonly checkpoint: string;
    readonly dataset: string | null;
  }[];
  /** Of the whole dataset, whatever the fold and the channels; null where it was not asked for. */
  readonly digest: string | null;
  /** In order of their ids. */
  readonly matched: readonly PlannedCase[];
  readonly ambiguous: readonly AmbiguousFiles[];
  readonly unmatched: readonly UnmatchedFile[];
  readonly unreadable: readonly UnreadableCase[];
  /** How many of the matched cases have a label. */
  readonly withLabel: number;
  /** Of the matched cases' images, as stored. */
  readonly bytes: number;
  /** Of the matched cases, of all checkpoints together. */
  readonly windows: number;
  /** What one worker takes at its peak. */
  readonly memoryBytes: number;
}

/**
 * Plans the cases of a dataset. Files in the way are told in the plan, never thrown.
 *
 * @throws {SyntaxError} when its dataset.json or splits_final.json cannot be understood.
 * @throws {RangeError} when it has no case, no such fold, or not the channels that the checkpoint needs, and
 *   when the network cannot take the window; says what is there.
 * @throws {CaseError} kind `storage` or `configuration` when the store cannot be read.
 */
export async function planDataset(
  store: ObjectStore,
  options: PlanOptions,
): Promise<DatasetPlan> {
  const { card, nCheckpoints, batch = 1, signal } = options;
  const roi = options.roi ?? card.roi;
  const use: NetworkUse = { card, nCheckpoints, batch, roi };
  // Refuses an impossible window before anything is listed.
  workerBytes([], use);
  countWindows([1, 1, 1], roi, options.overlap);

  const scan = await scanDataset(store, signal);
  const chosen = chooseChannels(scan.location, scan.channels, card.channels);
  const { matched, ambiguous, unmatched } = matchCases(scan, chosen);
  const asked = casesOfFold(scan.location, matched, options.fold);
  const etags = await etagsOf(store, scan, options);

  let done = 0;
  const place = { store: scan.location, etags };
  const ends = await mapParallel(asked, CASES_AT_ONCE, async (item) => {
    const checked = await checkHeaders(store, item, signal);
    options.onProgress?.(++done, asked.length);
    const end = "problem" in checked ? checked : measured(item, checked, card);
    return "problem" in end ? { ...end, of: item } : end;
  });
  const unit = options.unit ?? scan.channels[chosen[0]!]!.unit;
  const unreadable: UnreadableCase[] = [];
  const sized: SizedCase[] = [];
  for (const end of ends) {
    if ("problem" in end) {
      const { of, ...file } = end;
      unreadable.push({ ...file, item: caseOf(place, of, unit, {}) });
    } else sized.push(end);
  }
  const plans = sized.map((size) => ({
    item: caseOf(place, size, unit, {
      bytes: size.bytes,
      windows: nCheckpoints *
        countWindows(size.preparedShape, roi, options.overlap),
    }),
    shape: size.shape,
    spacingMm: size.spacingMm,
    preparedShape: size.preparedShape,
  }));
  const total = (of: "bytes" | "windows") =>
    plans.reduce((sum, { item }) => sum + item[of], 0);
  return {
    dataset: {
      name: scan.name,
      location: scan.location,
      layout: scan.layout,
      classes: scan.classes === null ? null : [...scan.classes],
      channels: channelNames(scan),
    },
    channels: card.channels.map((checkpoint, n) => ({
      checkpoint,
      dataset: scan.channels[chosen[n]!]!.name,
    })),
    digest: etags && scanDigest(scan, etags),
    matched: plans,
    ambiguous,
    unmatched,
    unreadable,
    withLabel: plans.filter(({ item }) => item.label !== undefined).length,
    bytes: total("bytes"),
    windows: total("windows"),
    memoryBytes: workerBytes(sized, use),
  };
}

function casesOfFold(
  location: string,
  cases: readonly MatchedCase[],
  fold: number | undefined,
): readonly MatchedCase[] {
  if (fold === undefined) return cases;
  const chosen = cases.filter((item) => item.fold === fold);
  if (chosen.length > 0) return chosen;
  const known = new Set(cases.flatMap((item) => item.fold ?? []));
  throw new RangeError(
    `Cannot plan fold ${fold} of ${location}: ${
      known.size === 0
        ? "its cases have no folds"
        : `its cases have the folds ${[...known].sort().join(", ")}`
    }`,
  );
}

/** By key; null where telling them would mean to read every file, and that was not asked for. */
async function etagsOf(
  store: ObjectStore,
  scan: ScannedDataset,
  { readForDigest = true, signal }: PlanOptions,
): Promise<ReadonlyMap<string, string> | null> {
  const isListed = scan.cases.every(({ images, labels }) =>
    [...images.flat(), ...labels].every(({ etag }) => etag !== undefined)
  );
  if (!isListed && !readForDigest) return null;
  return await findEtags(store, scan, signal);
}

/** A case and all that its headers tell of its size. */
interface SizedCase extends MatchedCase, CaseSize {
  readonly spacingMm: Vec3;
}

function measured(
  item: MatchedCase,
  { header, bytes, contentBytes }: CheckedCase,
  { preprocessing }: CheckpointCard,
): SizedCase | UnreadableFile {
  const { shape, spacingMm } = header;
  try {
    const preparedShape = uncroppedShape(header, preprocessing);
    return { ...item, bytes, contentBytes, shape, spacingMm, preparedShape };
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    const { kind, problem } = error;
    return { caseId: item.caseId, key: item.images[0]!.key, kind, problem };
  }
}

function caseOf<Sizes extends Pick<Case, "bytes" | "windows">>(
  { store, etags }: {
    readonly store: string;
    readonly etags: ReadonlyMap<string, string> | null;
  },
  { caseId, patientId, fold, images, label }: MatchedCase,
  unit: PetUnit,
  sizes: Sizes,
): Case & Sizes {
  const versionOf = ({ key }: ListedFile) => etags?.get(key) ?? "";
  return {
    caseId,
    ...(patientId === undefined ? {} : { patientId }),
    ...(fold === undefined ? {} : { fold }),
    images: images.map(({ key }) => ({ store, key })),
    ...(label === undefined ? {} : { label: { store, key: label.key } }),
    ...(etags === null ? {} : {
      etags: images.map(versionOf),
      ...(label === undefined ? {} : { labelEtag: versionOf(label) }),
    }),
    unit,
    ...sizes,
  };
}
