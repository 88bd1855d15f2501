/** Percentiles of sorted values. @module */

/** A percentile (0 to 100) of an ascending list by linear interpolation, as NumPy's default. */
export function percentile(sorted: Float64Array, percent: number): number {
  const position = percent / 100 * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}
