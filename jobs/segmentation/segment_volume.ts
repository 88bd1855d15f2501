/**
 * From the channels of a case to its mask: preprocess, windows, blend, invert. The whole method in
 * one page; every step follows MONAI 1.5.
 * @module
 */
import { CaseError } from "../../shared/case_error.ts";
import { dropSmallComponents } from "../../shared/imaging/components.ts";
import { determinant } from "../../shared/imaging/affine.ts";
import {
  type PreparedCase,
  preprocess,
} from "../../shared/imaging/preprocess.ts";
import type { Grid, Volume } from "../../shared/imaging/volume.ts";
import type { CheckpointCard } from "../../shared/network/checkpoint.ts";
import type { SegmentOptions } from "../../shared/runs/records.ts";
import type { Model } from "./model.ts";
import { type PredictedMask, predictMask } from "./predict_mask.ts";

/**
 * @param channels one volume per channel of the model, all on one grid
 * @param onWindow told after every window
 * @throws {CaseError} kind `channels` when their number is not the model's; what engines throw.
 */
export async function segmentVolume(
  channels: readonly Volume[],
  model: Model,
  options: SegmentOptions,
  signal: AbortSignal,
  onWindow: (done: number, total: number) => void,
): Promise<PredictedMask> {
  const { card } = model.checkpoints[0]!;
  const prepared = prepareChannels(channels, card);
  const found = await predictMask(prepared, model, options, signal, onWindow);
  const mask = dropSmallLesions(found.mask, channels[0]!, options);
  return { ...found, mask };
}

/**
 * What the network of a checkpoint sees of a case.
 *
 * @throws {CaseError} kind `channels` when their number is not the checkpoint's.
 */
export function prepareChannels(
  channels: readonly Volume[],
  card: Pick<CheckpointCard, "channels" | "preprocessing">,
): PreparedCase {
  if (channels.length !== card.channels.length) {
    throw new CaseError(
      "channels",
      `it has ${channels.length} ${
        channels.length === 1 ? "image" : "images"
      }, the checkpoint needs ${card.channels.length} (${
        card.channels.join(", ")
      })`,
    );
  }
  return preprocess(channels, card.preprocessing);
}

/** The mask without lesions that are smaller than the options ask for. */
export function dropSmallLesions(
  mask: Uint8Array<ArrayBuffer>,
  { shape, affine }: Grid,
  { minLesionMl }: Pick<SegmentOptions, "minLesionMl">,
): Uint8Array<ArrayBuffer> {
  if (minLesionMl === 0) return mask;
  const voxelMl = Math.abs(determinant(affine)) / 1000;
  return dropSmallComponents(mask, shape, voxelMl, minLesionMl);
}
