/** @module Makes the index anew where it is found damaged while it is written. */
import { type Catalog, isTornError } from "../open_catalog.ts";

export interface Mender {
  /**
   * Does the work; where the index turns out to be damaged it is made anew, and the work done again, once. Work may
   * go on beside other work.
   *
   * @throws the signal's reason once it is aborted; what the work throws.
   */
  mending<T>(
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
}

/** From one making of the index to the next. */
interface Era {
  readonly end: AbortController;
  readonly underWay: Set<Promise<unknown>>;
  /** Settled once the next one has begun. */
  next: Promise<void> | null;
}

/** @param onRebuilt called when the index is empty again */
export function createMender(catalog: Catalog, onRebuilt: () => void): Mender {
  let current = newEra();

  function replace(era: Era): Promise<void> {
    era.next ??= (async () => {
      // What is under way would write of the old index into the new one.
      era.end.abort(new Error("The index is made anew"));
      await Promise.allSettled(era.underWay);
      catalog.rebuild();
      onRebuilt();
      current = newEra();
    })();
    return era.next;
  }

  async function soundEra(): Promise<Era> {
    if (catalog.isTorn || current.next !== null) await replace(current);
    return current;
  }

  async function attempt<T>(
    { end, underWay }: Era,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const done = work(AbortSignal.any([signal, end.signal]));
    underWay.add(done);
    try {
      return await done;
    } finally {
      underWay.delete(done);
    }
  }

  return {
    async mending(signal, work) {
      signal.throwIfAborted();
      const era = await soundEra();
      try {
        return await attempt(era, signal, work);
      } catch (error) {
        signal.throwIfAborted();
        if (!isTornError(error) && !era.end.signal.aborted) throw error;
        await replace(era);
        return await attempt(await soundEra(), signal, work);
      }
    },
  };
}

function newEra(): Era {
  return { end: new AbortController(), underWay: new Set(), next: null };
}
