/**
 * How old the index is, and when it is refreshed: often while someone looks, rarely when they have just
 * left, not at all when nobody has looked for an hour, as every refresh costs requests to the store.
 * @module
 */
import type { Indexer } from "../shared/catalog/indexer.ts";
import type { Clock } from "../shared/dispatch/clock.ts";

const WATCHED_MS = 60_000;
const FORGOTTEN_MS = 3_600_000;
const REFRESH_WATCHED_MS = 5_000;
const REFRESH_UNWATCHED_MS = 60_000;
/** How often it is looked whether a refresh is due. */
const TICK_MS = 1_000;

export interface FreshnessState {
  /** When the index last matched the store; null: never. */
  readonly indexedAt: Date | null;
  /** Why the last try failed; null: it did not. */
  readonly failure: string | null;
}

export interface Freshness {
  /** Notes that somebody looks. */
  seen(): void;
  state(): FreshnessState;
  /** Refreshes when it is due, until the signal; never throws. */
  keep(signal: AbortSignal): Promise<void>;
}

/** How long after a refresh the next one is due; null: none is. */
export function refreshIntervalMs(unseenMs: number): number | null {
  if (unseenMs <= WATCHED_MS) return REFRESH_WATCHED_MS;
  return unseenMs <= FORGOTTEN_MS ? REFRESH_UNWATCHED_MS : null;
}

/**
 * @param indexedAt when the index last matched the store, before this start
 * @param now the time of day
 * @param onFailure told why the store could not be read, once per outage
 */
export function createFreshness(
  indexer: Pick<Indexer, "refresh">,
  { indexedAt, clock, now, onFailure }: {
    indexedAt: Date | null;
    clock: Clock;
    now: () => Date;
    onFailure: (problem: string) => void;
  },
): Freshness {
  let seenMs = clock.nowMs();
  let triedMs = -Infinity;
  let state: FreshnessState = { indexedAt, failure: null };

  async function refresh(signal: AbortSignal): Promise<void> {
    try {
      await indexer.refresh(signal);
      state = { indexedAt: now(), failure: null };
    } catch (error) {
      if (signal.aborted) return;
      const failure = error instanceof Error ? error.message : String(error);
      if (state.failure === null) onFailure(failure);
      state = { ...state, failure };
    }
    triedMs = clock.nowMs();
  }

  return {
    seen() {
      seenMs = clock.nowMs();
    },
    state: () => state,
    async keep(signal) {
      while (!signal.aborted) {
        const nowMs = clock.nowMs();
        const interval = refreshIntervalMs(nowMs - seenMs);
        if (interval !== null && nowMs - triedMs >= interval) {
          await refresh(signal);
        }
        try {
          await clock.sleep(TICK_MS, signal);
        } catch (error) {
          if (!signal.aborted) throw error;
        }
      }
    },
  };
}
