/** The tail of the normal distribution, which JavaScript's `Math` lacks. @module */

/** From here on the continued fraction is used, which keeps small tails' relative precision. */
const FRACTION_FROM = 2;

/** Enough for the fraction to converge to a double's precision at `FRACTION_FROM`. */
const FRACTION_DEPTH = 200;

/**
 * The probability that a standard normal variable is larger than `z`, to about 12 digits, small ones too.
 * Below 2 by Marsaglia's series (Evaluating the Normal Distribution, Journal of Statistical Software
 * 11(4), 2004), above by Laplace's continued fraction (Abramowitz and Stegun, 26.2.14).
 */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
  if (z >= FRACTION_FROM) {
    let fraction = z;
    for (let k = FRACTION_DEPTH; k >= 1; k--) fraction = z + k / fraction;
    return density / fraction;
  }
  let term = z;
  let series = 0;
  for (let k = 3; series + term > series; k += 2) {
    series += term;
    term *= z * z / k;
  }
  return 0.5 - density * series;
}
