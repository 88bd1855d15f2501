/**
 * In which order the cases of a run are done, and which of them belong to a shard.
 * @module
 */
import type { Case } from "../datasets/dataset.ts";

/**
 * Largest cases first, so that at the end no worker is left alone with a long one. Equally large
 * ones stay in the order of the plan; every worker gets the same order.
 */
export function workOrder(cases: readonly Case[]): Case[] {
  return cases.toSorted((a, b) => size(b) - size(a));
}

function size({ windows, bytes }: Case): number {
  return windows ?? bytes ?? 0;
}

/**
 * The cases of one shard: every `count`-th of the order, so that shards are about equally large.
 *
 * @throws {RangeError} when there is no such shard.
 */
export function shardOf(
  order: readonly Case[],
  index: number,
  count: number,
): Case[] {
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new RangeError(
      `There is no shard ${index} of ${count}: they are counted from 0`,
    );
  }
  return order.filter((_, n) => n % count === index);
}
