/**
 * Sliding-window inference: a network that sees small windows, over a whole volume.
 * @module
 */
import { type Vec3, voxelCount } from "../volume.ts";
import { Blender, type Plane } from "./blender.ts";
import { findIdentical, planReuse } from "./identical.ts";
import { type BlendMode, importanceMap } from "./importance.ts";
import { planWindows, type WindowPlan } from "./plan.ts";
import { breathe, checkAnswer, type Predict } from "./predict.ts";
import { type Channels, copyWindow } from "./window_content.ts";
import { WindowResults } from "./window_results.ts";

/** Results kept for later windows with the same content; more would seldom help and cost memory. */
const MAX_KEPT_RESULTS = 4;

export interface SlidingWindowOptions {
  /** The volume, one array [i][j][k] per channel. */
  readonly channels: Channels;
  readonly shape: Vec3;
  /** A window's size in voxels. */
  readonly roi: Vec3;
  /** The fraction in [0, 1) by which neighbouring windows overlap. */
  readonly overlap: number;
  readonly mode: BlendMode;
  readonly classes: number;
  /** Windows that `predict` computes at once. */
  readonly batch: number;
  readonly predict: Predict;
  /** Aborting it stops the generator before the next batch, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each batch: windows computed, and windows to compute (with `reuseIdentical`, distinct ones). */
  readonly onWindow?: ((done: number, total: number) => void) | undefined;
  /**
   * Whether windows with the same bits are computed once.
   * @default true
   */
  readonly reuseIdentical?: boolean;
}

/**
 * Yields the volume's planes of class scores in order of i, as soon as no later window touches them. Positions,
 * padding, weights and order of summation are those of `sliding_window_inference` in MONAI 1.5, so the batch
 * size and the reuse of identical windows change no bit where `predict` computes each window
 * independently of the others.
 *
 * Holds a ring of `roi[0]` planes of (classes + 1) values, one batch of input, and
 * at most batch + 3 results of windows.
 *
 * @throws {RangeError} when sizes do not fit together, the overlap is outside [0, 1), or `predict`
 *   answers with another size.
 */
export async function* slidingWindow(
  options: SlidingWindowOptions,
): AsyncGenerator<Plane, void, undefined> {
  const { channels, roi, classes, batch, predict, signal, onWindow } = options;
  checkSizes(options);
  const plan = planWindows(options.shape, roi, options.overlap);
  const { starts, paddedShape } = plan;
  const blender = new Blender(plan, classes, importanceMap(roi, options.mode));
  const { source, lastUse } = planReuse(
    options.reuseIdentical ?? true
      ? findIdentical(channels, plan)
      : Int32Array.from(starts, (_, window) => window),
    MAX_KEPT_RESULTS,
  );
  const toCompute = source.filter((from, window) => from === window);
  const resultSize = classes * voxelCount(roi);
  const results = new WindowResults(
    resultSize,
    MAX_KEPT_RESULTS + batch - 1,
  );
  const input = new Float32Array(batch * channels.length * voxelCount(roi));
  let computed = 0;

  for (let window = 0; window < starts.length; window++) {
    const from = source[window]!;
    if (!results.has(from)) {
      results.own();
      await breathe(signal);
      const windows = toCompute.subarray(computed, computed + batch);
      fillBatch(input, channels, plan, windows, batch);
      const answer = await predict(input, windows.length);
      checkAnswer(answer, batch * resultSize);
      windows.forEach((w, n) => results.put(w, answer, n * resultSize));
      computed += windows.length;
      onWindow?.(computed, toCompute.length);
    }
    const { data, offset } = results.get(from);
    blender.add(starts[window]!, data, offset);
    if (lastUse[from] === window) results.drop(from);
    const nextPlane = starts[window + 1]?.[0] ?? paddedShape[0];
    if (nextPlane > starts[window]![0]) {
      // While planes are handed out, another user of the network may overwrite its memory.
      results.own();
      yield* blender.release(nextPlane);
    }
  }
}

/** Writes the windows into a batch; a short one is filled by repeating its last window. */
function fillBatch(
  input: Float32Array,
  channels: Channels,
  plan: WindowPlan,
  windows: Int32Array,
  batch: number,
): void {
  const size = input.length / batch;
  for (let n = 0; n < batch; n++) {
    const window = windows[n];
    if (window === undefined) {
      input.copyWithin(n * size, (n - 1) * size, n * size);
    } else copyWindow(channels, plan, plan.starts[window]!, input, n * size);
  }
}

function checkSizes(options: SlidingWindowOptions): void {
  const { channels, shape, classes, batch } = options;
  for (const [name, value] of Object.entries({ classes, batch })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(
        `Cannot slide windows as ${name} must be a positive whole number: current value is ${value}`,
      );
    }
  }
  if (channels.length === 0) {
    throw new RangeError("Cannot slide windows over a volume without channels");
  }
  const voxels = voxelCount(shape);
  const wrong = channels.find((channel) => channel.length !== voxels);
  if (wrong !== undefined) {
    throw new RangeError(
      `Cannot slide windows as each channel must have ${voxels} voxels: one has ${wrong.length}`,
    );
  }
}
