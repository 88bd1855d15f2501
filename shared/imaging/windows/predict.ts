/**
 * What a sliding window asks of a network.
 * @module
 */
import { setImmediate } from "node:timers/promises";

/**
 * Computes class scores of one batch of windows: `input` is [batch][channels][roi] and must be left as it is,
 * the answer [batch][classes][roi]. Only the first `count` windows matter. The answer is read
 * until the next call at most, so its memory may be the network's own and used again.
 */
export type Predict = (
  input: Float32Array<ArrayBuffer>,
  count: number,
) => Promise<Float32Array>;

/**
 * Lets the event loop run, so that a signal can arrive even where computing never waits, and stops if it has.
 *
 * @throws the signal's reason once it is aborted.
 */
export async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

/** @throws {RangeError} when a network's answer has another size than its batch calls for. */
export function checkAnswer(answer: Float32Array, length: number): void {
  if (answer.length !== length) {
    throw new RangeError(
      `Cannot use the network's answer as a batch must give ${length} scores: it has ${answer.length}`,
    );
  }
}
