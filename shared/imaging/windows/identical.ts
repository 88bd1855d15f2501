/**
 * Windows with identical content: air outside the body above all.
 * @module
 */
import type { WindowPlan } from "./plan.ts";
import { type Channels, hashWindows, sameContent } from "./window_content.ts";

/**
 * For each window of the plan the first window that holds the same bits, itself where there is none.
 * Windows whose hashes are equal are compared voxel by voxel, so a collision costs time and nothing else.
 */
export function findIdentical(
  channels: Channels,
  plan: WindowPlan,
  hash: (channels: Channels, plan: WindowPlan) => Int32Array = hashWindows,
): Int32Array {
  const hashes = hash(channels, plan);
  const distinct = new Map<number, number[]>();
  return hashes.map((value, window) => {
    const candidates = distinct.get(value);
    const first = candidates?.find((candidate) =>
      sameContent(channels, plan, plan.starts[candidate]!, plan.starts[window]!)
    );
    if (first !== undefined) return first;
    if (candidates === undefined) distinct.set(value, [window]);
    else candidates.push(window);
    return window;
  });
}

/** Which windows are computed, and whose result the others take. */
export interface Reuse {
  /** The window whose result each window takes: itself where it is computed, otherwise an earlier one. */
  readonly source: Int32Array;
  /** For each computed window the last one that takes its result: itself where no other does. */
  readonly lastUse: Int32Array;
}

/**
 * Turns {@linkcode findIdentical}'s answer into a plan that keeps at most `maxKept` results at any time; a
 * repeated window for which there is no room is computed again.
 */
export function planReuse(first: Int32Array, maxKept: number): Reuse {
  const last = new Int32Array(first.length);
  first.forEach((same, window) => last[same] = window);
  const source = Int32Array.from(first, (_, window) => window);
  const lastUse = source.slice();
  const kept = new Map<number, number>();
  first.forEach((same, window) => {
    const from = kept.get(same) ?? window;
    source[window] = from;
    lastUse[from] = window;
    if (window === last[same]) kept.delete(same);
    else if (kept.size < maxKept) kept.set(same, from);
  });
  return { source, lastUse };
}
