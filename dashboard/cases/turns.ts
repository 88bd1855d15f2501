/** @module So many at a time, the others in the order in which they came. */

export interface Turns {
  /**
   * Waits for a turn.
   *
   * @returns what ends it
   * @throws {unknown} the signal's reason, once it is aborted.
   */
  take(signal: AbortSignal): Promise<() => void>;
}

export function createTurns(most: number): Turns {
  let free = most;
  const waiting: (() => void)[] = [];

  function end(): void {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }

  return {
    async take(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free--;
        return end;
      }
      const turn = Promise.withResolvers<void>();
      const leave = () => {
        const at = waiting.indexOf(turn.resolve);
        if (at === -1) return;
        waiting.splice(at, 1);
        turn.reject(signal.reason);
      };
      waiting.push(turn.resolve);
      signal.addEventListener("abort", leave, { once: true });
      try {
        await turn.promise;
      } finally {
        signal.removeEventListener("abort", leave);
      }
      return end;
    },
  };
}
