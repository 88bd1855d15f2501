/**
 * A server's clock, known from the `Date` headers of its answers and carried on by this machine's
 * monotonic clock, so that neither a wrong local time nor one that is set anew matters.
 * @module
 */

/** Headers tell whole seconds, cut off: the server's time lies less than this after them. */
const GRANULARITY_MS = 1000;

export interface ServerClock {
  /** Takes the `Date` header of an answer that just arrived; what is no date is passed over. */
  hear(date: string | undefined): void;
  /** At most a second and an answer's way behind the server's clock; null before the first date. */
  now(): Date | null;
}

/** @param elapsedMs a clock that is never set, in milliseconds. */
export function serverClock(
  elapsedMs: () => number = () => performance.now(),
): ServerClock {
  /** What was the server's time when `elapsedMs` was zero, so to speak. */
  let originMs: number | null = null;
  return {
    hear(date) {
      const heardMs = Date.parse(date ?? "");
      if (Number.isNaN(heardMs)) return;
      const aheadMs = originMs === null
        ? -Infinity
        : originMs + elapsedMs() - heardMs;
      // Within the second that was cut off, what is carried on knows better than the new answer.
      if (aheadMs >= 0 && aheadMs < GRANULARITY_MS) return;
      originMs = heardMs - elapsedMs();
    },
    now() {
      return originMs === null ? null : new Date(originMs + elapsedMs());
    },
  };
}
