/** @module Time as an argument, so that tests wait for nothing. */
import { setTimeout as timeout } from "node:timers/promises";

export interface Clock {
  /** Grows steadily; says nothing of the time of day. */
  nowMs(): number;
  /** @throws {unknown} the signal's reason, once it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await timeout(ms, undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  },
};

/** Waits for a promise, but no longer than the signal allows; what it waited for goes on. */
export function untilAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  return Promise.race([promise, aborted])
    .finally(() => signal.removeEventListener("abort", onAbort));
}
