/**
 * The random numbers of phantoms. Only integer and IEEE arithmetic is used (no logarithm, no sine), so
 * that one seed gives the same numbers on every machine.
 * @module
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

/** The generator fills its state slowly from a seed with few set bits; this many draws mix it. */
const WARM_UP_DRAWS = 64;

/** The standard deviation of the sum of four integers uniform in 0..65535. */
const FOUR_SIXTEEN_BITS_SD = Math.sqrt((65536 * 65536 - 1) / 3);

export class Random {
  readonly #generator: RandomGenerator;

  /** Cases of one seed draw from stretches of one sequence that are 2^64 draws apart. */
  constructor(seed: number, index: number) {
    const generator = xoroshiro128plus(seed);
    for (let n = 0; n < index; n++) generator.jump();
    for (let n = 0; n < WARM_UP_DRAWS; n++) generator.next();
    this.#generator = generator;
  }

  /** Uniform in lo (included) to hi (excluded). */
  uniform(lo: number, hi: number): number {
    return lo + (hi - lo) * uniformFloat64(this.#generator);
  }

  /** A whole number in lo to hi, both included. */
  integer(lo: number, hi: number): number {
    return uniformInt(this.#generator, lo, hi);
  }

  chance(probability: number): boolean {
    return uniformFloat64(this.#generator) < probability;
  }

  /** @throws {RangeError} when there is nothing to pick from. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError("Cannot pick from no items");
    return items[this.integer(0, items.length - 1)]!;
  }

  /** -1 or 1. */
  side(): -1 | 1 {
    return this.chance(0.5) ? 1 : -1;
  }

  /**
   * Mean 0, standard deviation 1, nearly normal: the sum of four uniform numbers. Its tails end at 3.5
   * standard deviations, which noise that is blurred afterwards does not show.
   */
  gaussian(): number {
    const a = this.#generator.next();
    const b = this.#generator.next();
    const sum = (a & 0xffff) + (a >>> 16) + (b & 0xffff) + (b >>> 16);
    return (sum - 131070) / FOUR_SIXTEEN_BITS_SD;
  }
}
