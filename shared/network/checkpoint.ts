/**
 * Checkpoints: trained weights and everything needed to use them, as one safetensors file whose
 * metadata holds the card as a JSON string under `uptake`.
 * @module
 */
import { z } from "zod";
import { CaseError } from "../case_error.ts";
import { preprocessingSchema } from "../imaging/preprocessing.ts";
import { float32From, float32FromFloat16 } from "./float_values.ts";
import type { Weights } from "./graph.ts";
import { buildNetwork, networkSchema } from "./networks.ts";
import {
  readSafetensors,
  type StoredTensor,
  writeSafetensors,
} from "./safetensors.ts";
import { quote } from "./quote.ts";
import { schemaProblem } from "./schema_problem.ts";
import { inferShapes } from "./shapes.ts";
import { checkWeights } from "./weights.ts";

const METADATA_KEY = "uptake";

const name = z.string().min(1).max(100);
const roiSize = z.int().min(1).max(1024);

/** What a checkpoint says about itself. */
export const checkpointCardSchema = z.strictObject({
  format: z.literal(1),
  network: networkSchema,
  /** A name per class; the first is the background. */
  classes: z.array(name).readonly(),
  /** A name per input channel. */
  channels: z.array(name).readonly(),
  preprocessing: preprocessingSchema,
  /** The window's size in voxels. */
  roi: z.tuple([roiSize, roiSize, roiSize]).readonly(),
  /** Where the weights come from: data, options, versions; for people and records. */
  training: z.record(z.string(), z.json()).exactOptional(),
}).superRefine((card, context) => {
  const { network, classes, channels, preprocessing, roi } = card;
  const counts = [
    ["classes", classes.length, network.classes],
    ["channels", channels.length, network.inChannels],
    [
      "preprocessing.intensity",
      preprocessing.intensity.length,
      network.inChannels,
    ],
  ] as const;
  for (const [place, given, wanted] of counts) {
    if (given !== wanted) {
      context.addIssue({
        code: "custom",
        path: place.split("."),
        message: `the network takes ${wanted}, and there are ${given}`,
      });
    }
  }
  try {
    inferShapes(buildNetwork(network), [1, network.inChannels, ...roi]);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    context.addIssue({ code: "custom", path: ["roi"], message: error.message });
  }
});

export type CheckpointCard = z.infer<typeof checkpointCardSchema>;

export interface Checkpoint {
  readonly card: CheckpointCard;
  readonly weights: Weights;
}

/** How {@linkcode writeCheckpoint} stores weights. */
export type Precision = "f32" | "f16";

/**
 * Reads a checkpoint. Weights stored as 32-bit floats are views of `bytes`.
 *
 * @throws {CaseError} kind `model` when the file is corrupt, cut short, not one of ours, or when its
 *   parameters do not fit the network it describes.
 */
export function readCheckpoint(bytes: Uint8Array): Checkpoint {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
    throw new CaseError(
      "model",
      "the checkpoint is a zip archive, perhaps PyTorch's (import it first)",
    );
  }
  const { tensors, metadata } = readSafetensors(bytes);
  const card = readCard(metadata.get(METADATA_KEY));
  const weights: Weights = new Map(
    [...tensors].map(([name, tensor]) => [
      name,
      { shape: tensor.shape, data: toFloat32(name, tensor) },
    ]),
  );
  checkWeights(buildNetwork(card.network), weights);
  return { card, weights };
}

function readCard(text: string | undefined): CheckpointCard {
  if (text === undefined) {
    throw new CaseError(
      "model",
      `the checkpoint does not describe its network ("${METADATA_KEY}" is not in its metadata)`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CaseError("model", "the checkpoint's card is no JSON", { cause });
  }
  const parsed = checkpointCardSchema.safeParse(value);
  if (!parsed.success) {
    throw new CaseError(
      "model",
      `the checkpoint's card makes no sense: ${schemaProblem(parsed.error)}`,
      { cause: parsed.error },
    );
  }
  return parsed.data;
}

function toFloat32(
  name: string,
  { dtype, bytes }: StoredTensor,
): Float32Array<ArrayBuffer> {
  switch (dtype) {
    case "F32":
      return float32From(bytes);
    case "F16":
      return float32FromFloat16(bytes);
    default:
      throw new CaseError(
        "model",
        `the checkpoint's parameter ${
          quote(name)
        } is stored as ${dtype}, and F32 and F16 can be read`,
      );
  }
}

/**
 * Writes a checkpoint; the same card and weights give the same bytes.
 *
 * With `f16`, vectors (biases, norms, layer scales) stay 32-bit: they take little room, and layer
 * scales start at 1e-6, where half precision has hardly a digit left.
 *
 * @throws {CaseError} kind `model` when the weights do not fit the card's network.
 * @throws {RangeError} when the card makes no sense, or a weight is too large for half precision.
 */
export function writeCheckpoint(
  card: CheckpointCard,
  weights: Weights,
  precision: Precision,
): Uint8Array<ArrayBuffer> {
  const parsed = checkpointCardSchema.safeParse(card);
  if (!parsed.success) {
    throw new RangeError(
      `Cannot write the checkpoint: ${schemaProblem(parsed.error)}`,
      { cause: parsed.error },
    );
  }
  checkWeights(buildNetwork(card.network), weights);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { shape, data }] of weights) {
    const half = precision === "f16" && shape.length > 1;
    const values = half ? toFloat16(name, data) : data;
    tensors.set(name, {
      dtype: half ? "F16" : "F32",
      shape,
      bytes: new Uint8Array(
        values.buffer,
        values.byteOffset,
        values.byteLength,
      ),
    });
  }
  const metadata = new Map([[METADATA_KEY, JSON.stringify(parsed.data)]]);
  return writeSafetensors(tensors, metadata);
}

function toFloat16(
  name: string,
  data: Float32Array<ArrayBuffer>,
): Float16Array<ArrayBuffer> {
  const halves = new Float16Array(data);
  for (let i = 0; i < halves.length; i++) {
    if (!Number.isFinite(halves[i]!)) {
      throw new RangeError(
        `Cannot store "${name}" in half precision: it has a value of ${
          data[i]
        }`,
      );
    }
  }
  return halves;
}
