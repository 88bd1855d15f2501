/** @module A clock whose sleeps take no time, but move it on. */
import type { Clock } from "../../shared/dispatch/clock.ts";

export interface FakeClock extends Clock {
  /** Every sleep so far. */
  readonly sleptMs: number[];
  /** Lets time pass. */
  advance(ms: number): void;
}

/** @param onSleep called with each sleep, before it ends. */
export function fakeClock(onSleep: (ms: number) => void = () => {}): FakeClock {
  let nowMs = 0;
  const sleptMs: number[] = [];
  return {
    sleptMs,
    advance: (ms) => {
      nowMs += ms;
    },
    nowMs: () => nowMs,
    sleep: (ms, signal) => {
      if (signal.aborted) return Promise.reject(signal.reason);
      sleptMs.push(ms);
      nowMs += ms;
      onSleep(ms);
      return Promise.resolve().then(() => signal.throwIfAborted());
    },
  };
}
