/**
 * Published PyTorch weights as a checkpoint: what the tensors' shapes tell is inferred, the rest is
 * given.
 * @module
 */
import { CaseError } from "../case_error.ts";
import type { Preprocessing } from "../imaging/preprocessing.ts";
import type { Vec3 } from "../imaging/volume.ts";
import { type Checkpoint, checkpointCardSchema } from "./checkpoint.ts";
import type { Shape, Weights } from "./graph.ts";
import {
  buildNetwork,
  NETWORK_NAMES,
  type NetworkConfig,
  type NetworkName,
  networkSchema,
} from "./networks.ts";
import { readPytorchCheckpoint } from "./pytorch/checkpoint.ts";
import { schemaProblem } from "./schema_problem.ts";
import { checkWeights } from "./weights.ts";

/** What a state dict cannot know. */
export interface ImportOptions {
  /** @default the network whose blocks are there; `ma3dseg` where both networks' are */
  readonly network?: NetworkName;
  /** Its intensity holds a range per channel, or one for all of them. */
  readonly preprocessing: Preprocessing;
  /** The window's size in voxels. @default [96, 96, 96] as published */
  readonly roi?: Vec3;
  /** A name per class, the background first. @default background, tumour */
  readonly classes?: readonly string[];
  /** A name per input channel. @default PET */
  readonly channels?: readonly string[];
}

const STAGES = [0, 1, 2, 3] as const;

/** Which parameters tell the networks apart: those of the first block's spatial convolution. */
const BLOCK_MARKS: Readonly<Record<NetworkName, string>> = Object.freeze({
  ma3dseg: "uxnet_3d.stages.0.0.separable_conv.conv1.weight",
  uxnet3d: "uxnet_3d.stages.0.0.dwconv.weight",
});

/** Published files carry the spatial convolutions of both networks; each network uses its own. */
const SPATIAL_CONV = /^uxnet_3d\.stages\.\d+\.\d+\.(dwconv|separable_conv)\./;

/**
 * Reads a PyTorch zip checkpoint of a known network.
 *
 * @throws {CaseError} kind `model` when the file cannot be read, or naming the parameter that is
 *   missing, unknown, of another shape or not finite.
 * @throws {RangeError} when the options do not fit the network.
 */
export function importPytorch(
  bytes: Uint8Array,
  options: ImportOptions,
): Checkpoint {
  const published = readPytorchCheckpoint(bytes);
  const network = inferNetwork(published, options.network);
  const graph = buildNetwork(network);
  const weights: Weights = new Map(
    [...published].filter(([name]) =>
      graph.parameters.has(name) || !SPATIAL_CONV.test(name)
    ),
  );
  checkWeights(graph, weights);

  const { roi = [96, 96, 96] } = options;
  const { intensity } = options.preprocessing;
  const card = checkpointCardSchema.safeParse({
    format: 1,
    network,
    classes: options.classes ?? defaultClasses(network.classes),
    channels: options.channels ?? defaultChannels(network.inChannels),
    preprocessing: {
      ...options.preprocessing,
      intensity: intensity.length === 1
        ? Array.from({ length: network.inChannels }, () => intensity[0])
        : intensity,
    },
    roi,
  });
  if (!card.success) {
    throw new RangeError(
      `Cannot import the checkpoint: ${schemaProblem(card.error)}`,
      { cause: card.error },
    );
  }
  return { card: card.data, weights };
}

function defaultClasses(count: number): string[] {
  if (count === 2) return ["background", "tumour"];
  return Array.from(
    { length: count },
    (_, i) => i === 0 ? "background" : `class ${i}`,
  );
}

function defaultChannels(count: number): string[] {
  if (count === 1) return ["PET"];
  return Array.from({ length: count }, (_, i) => `channel ${i + 1}`);
}

/** The configuration that the parameters' names and shapes tell. */
function inferNetwork(
  weights: Weights,
  given: NetworkName | undefined,
): NetworkConfig {
  const downsampling = STAGES.map((stage) =>
    shapeOf(
      weights,
      `uxnet_3d.downsample_layers.${stage}.${stage === 0 ? 0 : 1}.weight`,
    )
  );
  const config = {
    name: given ?? inferName(weights),
    inChannels: downsampling[0]?.[1],
    classes: shapeOf(weights, "out.conv.conv.weight")[0],
    features: downsampling.map(([outChannels]) => outChannels),
    hidden: shapeOf(weights, "encoder5.layer.conv1.conv.weight")[0],
    depths: STAGES.map((stage) => countBlocks(weights, stage)),
  };
  const parsed = networkSchema.safeParse(config);
  if (!parsed.success) {
    throw new CaseError(
      "model",
      `the checkpoint's shapes describe no network: ${
        schemaProblem(parsed.error)
      }`,
      { cause: parsed.error },
    );
  }
  return parsed.data;
}

function inferName(weights: Weights): NetworkName {
  const name = NETWORK_NAMES.find((name) => weights.has(BLOCK_MARKS[name]));
  if (name === undefined) {
    throw new CaseError(
      "model",
      `the checkpoint has the blocks of no known network (${
        NETWORK_NAMES.join(", ")
      }): it lacks "${BLOCK_MARKS.ma3dseg}"`,
    );
  }
  return name;
}

function shapeOf(weights: Weights, name: string): Shape {
  const weight = weights.get(name);
  if (weight === undefined) {
    throw new CaseError(
      "model",
      `the checkpoint lacks the parameter "${name}"`,
    );
  }
  return weight.shape;
}

function countBlocks(weights: Weights, stage: number): number {
  let blocks = 0;
  while (weights.has(`uxnet_3d.stages.${stage}.${blocks}.gamma`)) blocks++;
  return blocks;
}
