/**
 * How much memory a worker takes, from headers and the checkpoint's card alone. An estimate from above: crops
 * are only known once voxels are.
 * @module
 */
import { type Vec3, voxelCount } from "../../shared/imaging/volume.ts";
import type { CheckpointCard } from "../../shared/network/checkpoint.ts";
import { elementCount, type Graph } from "../../shared/network/graph.ts";
import { buildNetwork } from "../../shared/network/networks.ts";
import { inferShapes } from "../../shared/network/shapes.ts";

const FLOAT_BYTES = 4;

/** Deno, its libraries and the inference runtime, before any network or image. */
const RUNTIME_BYTES = 300e6;

/** Weights stand in memory twice: as they were read, and in the compiled network. */
const WEIGHT_COPIES = 2;

/**
 * Convolutions work in buffers beside their tensors, and an arena never fits quite: measured on the full-size
 * network over windows of 96^3, 1.3 to 1.4 GB beside the weights for 0.68 GB of tensors.
 */
const ACTIVATION_FACTOR = 2;

/** A case is read and prepared, one is segmented, one is written; the first two stand there prepared. */
const CASES_AT_ONCE = 3;
const PREPARED_AT_ONCE = 2;

/** Results of windows that are kept beside those of a batch. */
const KEPT_RESULTS = 4;

export interface NetworkUse {
  readonly card: CheckpointCard;
  readonly nCheckpoints: number;
  readonly roi: Vec3;
  /** Windows that the network computes at once. */
  readonly batch: number;
}

export interface CaseSize {
  /** As stored. */
  readonly bytes: number;
  /** Of the largest file, decompressed. */
  readonly contentBytes: number;
  readonly shape: Vec3;
  /** What the network sees of it at most. */
  readonly preparedShape: Vec3;
}

/** Bytes of the networks of a model, compiled, and of what they compute in. */
export function networkBytes(
  { card, nCheckpoints, roi, batch }: NetworkUse,
): number {
  const graph = buildNetwork(card.network);
  const weights = [...graph.parameters.values()]
    .reduce((sum, shape) => sum + elementCount(shape), 0);
  const activations = peakActivations(graph, roi, batch);
  return nCheckpoints * FLOAT_BYTES *
    (WEIGHT_COPIES * weights + ACTIVATION_FACTOR * activations);
}

/**
 * Bytes that cases take while the worker is at the largest: three of them with their images, label and mask, two of
 * them prepared too, one file being decompressed, and the planes and windows that are blended.
 */
export function caseBytes(
  { bytes, contentBytes, shape, preparedShape }: CaseSize,
  { card, nCheckpoints, roi, batch }: NetworkUse,
): number {
  const channels = card.channels.length;
  const classes = card.classes.length;
  const volumes = voxelCount(shape) * (FLOAT_BYTES * channels + 2);
  const prepared = voxelCount(preparedShape) * FLOAT_BYTES * channels;
  const [, rows, columns] = preparedShape.map((size, axis) =>
    Math.max(size, roi[axis]!)
  );
  const planes = (roi[0] * (classes + 1) + classes) * rows! * columns!;
  const windows = voxelCount(roi) *
    (classes * (KEPT_RESULTS + batch) + channels * batch);
  return CASES_AT_ONCE * volumes + PREPARED_AT_ONCE * prepared + bytes +
    contentBytes + nCheckpoints * FLOAT_BYTES * (planes + windows);
}

/** Peak bytes of one worker over all cases. */
export function workerBytes(
  cases: readonly CaseSize[],
  use: NetworkUse,
): number {
  const largest = cases.reduce(
    (most, item) => Math.max(most, caseBytes(item, use)),
    0,
  );
  return RUNTIME_BYTES + networkBytes(use) + largest;
}

/** The most values that stand in memory at once when nodes run in order and each is freed after its last use. */
export function peakActivations(
  graph: Graph,
  roi: Vec3,
  batch: number,
): number {
  const shapes = inferShapes(graph, [batch, graph.inChannels, ...roi]);
  const sizeOf = (name: string) => elementCount(shapes.get(name)!);
  const lastUse = new Map<string, number>();
  graph.nodes.forEach(({ inputs }, n) => {
    for (const name of inputs) lastUse.set(name, n);
  });
  let live = sizeOf(graph.input);
  let peak = live;
  graph.nodes.forEach(({ name, inputs }, n) => {
    live += sizeOf(name);
    peak = Math.max(peak, live);
    for (const input of new Set(inputs)) {
      if (lastUse.get(input) === n) live -= sizeOf(input);
    }
  });
  return peak;
}
