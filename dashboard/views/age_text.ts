/** @module How old the index is, in words; pages and browser scripts say it alike. */

/**
 * @param indexedAt when the index last matched the store; null: never
 * @param isStuck whether the store does not answer
 */
export function ageText(
  indexedAt: Date | null,
  isStuck: boolean,
  now: Date,
): string {
  const outage = isStuck ? "The store does not answer. " : "";
  if (indexedAt === null) return isStuck ? outage.trim() : "Indexing";
  const seconds = Math.max(0, (now.getTime() - indexedAt.getTime()) / 1000);
  return `${outage}As of ${durationText(seconds)} ago`;
}

function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}
