/** Bootstrap intervals. Only IEEE arithmetic is used, so that one seed gives the same interval everywhere. @module */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { z } from "zod";
import { percentile } from "./percentile.ts";

/** Resamples drawn for an interval. */
export const RESAMPLES = 10_000;

/** The generator fills its state slowly from a seed with few set bits; this many draws mix it. */
const WARM_UP_DRAWS = 64;

export const intervalSchema = z.tuple([z.number(), z.number()]);

/** The lower and the upper end. */
export type Interval = z.infer<typeof intervalSchema>;

export interface BootstrapOptions {
  /** A 32-bit whole number. */
  readonly seed: number;
  readonly resamples?: number;
}

/**
 * The 95 % percentile bootstrap interval of a mean: from the 2.5th to the 97.5th percentile of the means of
 * resamples drawn with replacement (Efron and Tibshirani, An Introduction to the Bootstrap, 1993,
 * section 13.3). Null for fewer than two values, which say nothing of their spread. The interval of a few
 * values is too narrow: of 5 normal values it holds the true mean in 84 % of samples, of 10 in 90 %, of 20 in 93 %.
 *
 * @throws {RangeError} when a value is not finite.
 */
export function bootstrapMeanInterval(
  values: readonly number[],
  { seed, resamples = RESAMPLES }: BootstrapOptions,
): Interval | null {
  const unfit = values.find((value) => !Number.isFinite(value));
  if (unfit !== undefined) {
    throw new RangeError(`Cannot resample values: one of them is ${unfit}`);
  }
  const n = values.length;
  const base = values[0];
  if (base === undefined || n < 2) return null;
  const offsets = Float64Array.from(values, (value) => value - base);
  const means = new Float64Array(resamples);
  const generator = xoroshiro128plus(seed);
  for (let draw = 0; draw < WARM_UP_DRAWS; draw++) generator.next();
  // Scaling 32 random bits favours no index by more than n / 2^32.
  const scale = n / 2 ** 32;
  for (let sample = 0; sample < resamples; sample++) {
    let sum = 0;
    for (let draw = 0; draw < n; draw++) {
      sum += offsets[Math.floor((generator.next() >>> 0) * scale)]!;
    }
    means[sample] = base + sum / n;
  }
  means.sort();
  return [percentile(means, 2.5), percentile(means, 97.5)];
}

/** The mean, exact where all values are equal; null of none. */
export function meanOf(values: readonly number[]): number | null {
  const base = values[0];
  if (base === undefined) return null;
  return base +
    values.reduce((sum, value) => sum + (value - base), 0) / values.length;
}
