/**
 * From the channels of a case to its mask: preprocess, windows, blend, invert. The whole method in
 * one page; every step follows MONAI 1.5.
 * @module
 */
import { CaseError } from "../../shared/case_error.ts";
import { dropSmallComponents } from "../../shared/imaging/components.ts";
import { determinant } from "../../shared/imaging/affine.ts";
import { preprocess } from "../../shared/imaging/preprocess.ts";
import { createProjector } from "../../shared/imaging/project.ts";
import { ensemble } from "../../shared/imaging/windows/ensemble.ts";
import { mirrored } from "../../shared/imaging/windows/mirror.ts";
import { planWindows } from "../../shared/imaging/windows/plan.ts";
import type { Predict } from "../../shared/imaging/windows/predict.ts";
import { slidingWindow } from "../../shared/imaging/windows/sliding_window.ts";
import type { Volume } from "../../shared/imaging/volume.ts";
import type { SegmentOptions } from "../../shared/runs/records.ts";
import type { Model } from "./model.ts";

export interface Segmentation {
  /** Class of each voxel, [i][j][k] on the image's own grid. */
  readonly mask: Uint8Array<ArrayBuffer>;
  /** [class][i][j][k] on the image's own grid, where asked for. */
  readonly probabilities: Float32Array<ArrayBuffer> | undefined;
  readonly windows: { readonly computed: number; readonly total: number };
  readonly secondsPerStage: {
    readonly preprocess: number;
    readonly segment: number;
    readonly postprocess: number;
  };
}

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
): Promise<Segmentation> {
  const { card } = model.checkpoints[0]!;
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
  const startedAt = performance.now();
  const prepared = preprocess(channels, card.preprocessing);
  const preparedAt = performance.now();

  const classes = card.classes.length;
  const done = model.networks.map(() => 0);
  const members = model.networks.map((network, member) => {
    const { roi, batch } = model;
    const shape = { batch, channels: channels.length, classes, roi, signal };
    const predict: Predict = (input) => network.run(input);
    return slidingWindow({
      ...shape,
      channels: prepared.channels,
      shape: prepared.shape,
      overlap: options.overlap,
      mode: options.mode,
      predict: options.tta === "mirror" ? mirrored(predict, shape) : predict,
      onWindow: (windows, distinct) => {
        done[member] = windows;
        onWindow(sum(done), distinct * done.length);
      },
    });
  });
  const projector = createProjector(prepared, classes, {
    keepProbabilities: options.saveProbabilities,
  });
  for await (const { index, probabilities } of ensemble(members, classes)) {
    projector.push(index, probabilities);
  }
  const { mask, probabilities } = projector.finish();
  const segmentedAt = performance.now();

  const { starts } = planWindows(prepared.shape, model.roi, options.overlap);
  const total = starts.length * model.networks.length;
  const { shape, affine } = channels[0]!;
  const voxelMl = Math.abs(determinant(affine)) / 1000;
  const kept = options.minLesionMl > 0
    ? dropSmallComponents(mask, shape, voxelMl, options.minLesionMl)
    : mask;
  return {
    mask: kept,
    probabilities,
    windows: { computed: sum(done), total },
    secondsPerStage: {
      preprocess: (preparedAt - startedAt) / 1000,
      segment: (segmentedAt - preparedAt) / 1000,
      postprocess: (performance.now() - segmentedAt) / 1000,
    },
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
