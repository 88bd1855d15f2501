/** @module Figures that cannot be of a scan: one alone would drown those of all other cases, or overflow their sums. */

/**
 * Beyond it lies none: a volume image of 10^9 voxels, each a metre long by a wrong unit in its header, has 10^15 ml.
 * Sums of squares of a million such figures are finite.
 */
export const MOST_OF_ANY_FIGURE = 1e15;

/** Whether all numbers in it, at any depth, are within {@linkcode MOST_OF_ANY_FIGURE}. */
export function hasPlausibleFigures(value: unknown): boolean {
  if (typeof value === "number") {
    return Math.abs(value) <= MOST_OF_ANY_FIGURE;
  }
  return typeof value !== "object" || value === null ||
    Object.values(value).every(hasPlausibleFigures);
}
