/** @module How often workers give a sign of life, and when one is overdue. */

const LONGEST_BEAT_SECONDS = 5;
/** Signs in the term of a claim: some may be lost without it counting as abandoned. */
const BEATS_PER_TERM = 6;
/** A sign that is late by twice the time between two is overdue. */
const OVERDUE_BEATS = 3;
/** Clocks of stores tell whole seconds, and answers take a while. */
const LEAST_OVERDUE_SECONDS = 5;

/**
 * Between two looks at whether the run is cancelled, and two signs of life.
 *
 * @param termSeconds of the run's claims; null: it has none
 */
export function beatSeconds(termSeconds: number | null): number {
  return Math.min(
    LONGEST_BEAT_SECONDS,
    (termSeconds ?? Infinity) / BEATS_PER_TERM,
  );
}

/** After so long without a sign of life something is wrong with a worker, though it may come back. */
export function overdueSeconds(termSeconds: number | null): number {
  return Math.max(
    LEAST_OVERDUE_SECONDS,
    OVERDUE_BEATS * beatSeconds(termSeconds),
  );
}
