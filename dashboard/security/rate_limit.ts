/** @module Token buckets: so many requests at once, then so many per second. */

export interface BucketSize {
  /** Requests at once. */
  readonly burst: number;
  readonly perSecond: number;
}

export interface RateLimit {
  /** Takes a request from somebody's bucket. Returns 0, or in how many seconds there is one again. */
  take(key: string): number;
  /** As {@linkcode take}, without taking. */
  wait(key: string): number;
}

/** Buckets kept; full ones are forgotten first. */
const MAX_BUCKETS = 10_000;

/** @param nowMs a clock that grows steadily, in milliseconds */
export function createRateLimit(
  { burst, perSecond }: BucketSize,
  nowMs: () => number,
): RateLimit {
  const buckets = new Map<string, { left: number; atMs: number }>();

  function leftOf(key: string): number {
    const bucket = buckets.get(key);
    if (bucket === undefined) return burst;
    const gained = (nowMs() - bucket.atMs) / 1000 * perSecond;
    return Math.min(burst, bucket.left + gained);
  }

  function makeRoom(): void {
    for (const key of buckets.keys()) {
      if (leftOf(key) === burst) buckets.delete(key);
    }
    // Whoever comes from that many places at once is not slowed down by forgetting the oldest.
    for (const key of buckets.keys()) {
      if (buckets.size < MAX_BUCKETS) return;
      buckets.delete(key);
    }
  }

  const wait = (key: string) => {
    const left = leftOf(key);
    return left >= 1 ? 0 : Math.ceil((1 - left) / perSecond);
  };
  return {
    wait,
    take(key) {
      const seconds = wait(key);
      if (seconds > 0) return seconds;
      const left = leftOf(key) - 1;
      buckets.delete(key);
      if (buckets.size >= MAX_BUCKETS) makeRoom();
      buckets.set(key, { left, atMs: nowMs() });
      return 0;
    },
  };
}
