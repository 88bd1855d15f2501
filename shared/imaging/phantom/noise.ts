/**
 * The grain of a PET scan.
 * @module
 */
import type { Vec3 } from "../volume.ts";
import { blur } from "./blur.ts";
import type { Random } from "./random.ts";

/** Scattered and random counts: air has a little noise too. */
const COUNTS_IN_AIR_SUV = 0.004;

/**
 * Adds noise whose variance grows with the signal, as that of counts does (normal approximation of the
 * Poisson law), with the grain of the point spread. Values may become negative.
 *
 * @param amount the standard deviation at SUV 1
 * @param weights of the blur that gives the grain
 */
export function addNoise(
  suv: Float32Array,
  shape: Vec3,
  random: Random,
  amount: number,
  weights: readonly [Float64Array, Float64Array, Float64Array],
): void {
  const grain = new Float32Array(suv.length);
  for (let n = 0; n < grain.length; n++) grain[n] = random.gaussian();
  blur(grain, shape, weights);
  const perUnit = amount / (
    remainingSd(weights[0]) * remainingSd(weights[1]) * remainingSd(weights[2])
  );
  for (let n = 0; n < suv.length; n++) {
    const signal = suv[n]!;
    suv[n] = signal +
      perUnit * Math.sqrt(signal + COUNTS_IN_AIR_SUV) * grain[n]!;
  }
}

/** The standard deviation that a blur along one axis leaves of white noise of standard deviation 1. */
function remainingSd(weights: Float64Array): number {
  let squares = weights[0]! * weights[0]!;
  for (let n = 1; n < weights.length; n++) {
    squares += 2 * weights[n]! * weights[n]!;
  }
  return Math.sqrt(squares);
}
