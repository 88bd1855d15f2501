/**
 * From a prepared case to its mask on the image's own grid: windows, blend, average, invert.
 * @module
 */
import type { PreparedCase } from "../../shared/imaging/preprocess.ts";
import { createProjector } from "../../shared/imaging/project.ts";
import { ensemble } from "../../shared/imaging/windows/ensemble.ts";
import { mirrored } from "../../shared/imaging/windows/mirror.ts";
import { planWindows } from "../../shared/imaging/windows/plan.ts";
import type { Predict } from "../../shared/imaging/windows/predict.ts";
import { slidingWindow } from "../../shared/imaging/windows/sliding_window.ts";
import type { SegmentOptions } from "../../shared/runs/records.ts";
import type { Model } from "./model.ts";

export interface PredictedMask {
  /** Class of each voxel, [i][j][k] on the image's own grid. */
  readonly mask: Uint8Array<ArrayBuffer>;
  /** [class][i][j][k] on the image's own grid, where asked for. */
  readonly probabilities: Float32Array<ArrayBuffer> | undefined;
  readonly windows: { readonly computed: number; readonly total: number };
  readonly forward: ForwardTimes;
}

/** When forward passes were in flight. */
export interface ForwardTimes {
  /** All forward passes together. */
  readonly seconds: number;
  /** From the start of the first to the end of the last; milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** Told after every window: how many of how many are done, and when forward passes were in flight so far. */
export type OnWindow = (
  done: number,
  total: number,
  forward: ForwardTimes,
) => void;

/**
 * Follows MONAI 1.5, and 3D UX-Net's and MA3DSeg's published test scripts.
 *
 * @throws what engines throw, and the signal's reason once it is aborted.
 */
export async function predictMask(
  prepared: PreparedCase,
  model: Model,
  options: SegmentOptions,
  signal: AbortSignal,
  onWindow: OnWindow,
): Promise<PredictedMask> {
  const classes = model.checkpoints[0]!.card.classes.length;
  const done = model.networks.map(() => 0);
  const timer = forwardTimer();
  const members = model.networks.map((network, member) => {
    const { roi, batch } = model;
    const channels = prepared.channels.length;
    const shape = { batch, channels, classes, roi, signal };
    const predict: Predict = (input) => timer.time(() => network.run(input));
    return slidingWindow({
      ...shape,
      channels: prepared.channels,
      shape: prepared.shape,
      overlap: options.overlap,
      mode: options.mode,
      predict: options.tta === "mirror" ? mirrored(predict, shape) : predict,
      onWindow: (windows, distinct) => {
        done[member] = windows;
        onWindow(sum(done), distinct * done.length, timer.times());
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
  const { starts } = planWindows(prepared.shape, model.roi, options.overlap);
  const total = starts.length * model.networks.length;
  return {
    mask,
    probabilities,
    windows: { computed: sum(done), total },
    forward: timer.times(),
  };
}

function forwardTimer() {
  const now = () => performance.timeOrigin + performance.now();
  let totalMs = 0;
  let startedAtMs = NaN;
  let endedAtMs = NaN;
  return {
    async time<T>(work: () => Promise<T>): Promise<T> {
      const before = now();
      if (Number.isNaN(startedAtMs)) startedAtMs = before;
      const result = await work();
      endedAtMs = now();
      totalMs += endedAtMs - before;
      return result;
    },
    times: (): ForwardTimes => ({
      seconds: totalMs / 1000,
      startedAtMs,
      endedAtMs,
    }),
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
