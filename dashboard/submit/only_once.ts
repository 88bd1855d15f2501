/**
 * Doing once what a client asks for several times, as it does when an answer was lost. Answers are kept in
 * memory: after a restart nothing is known of earlier requests.
 * @module
 */
import { HTTPException } from "hono/http-exception";

/** How long an answer is kept. */
const KEPT_MS = 24 * 3_600_000;
/** Answers kept; the oldest are forgotten first. */
const MAX_KEPT = 1000;

export interface Repeatable {
  /** Who asks, as nobody else is called. */
  readonly who: string;
  /** By which the client knows its request. */
  readonly key: string;
  /** What is asked for. */
  readonly request: unknown;
}

/** Does the work, or gives what came of it before; what failed may be tried again. */
export type OnlyOnce<T> = (
  what: Repeatable,
  work: () => Promise<T>,
) => Promise<T>;

/** @param nowMs a clock that grows steadily, in milliseconds */
export function createOnlyOnce<T>(nowMs: () => number): OnlyOnce<T> {
  const kept = new Map<
    string,
    { atMs: number; request: string; answer: Promise<T> }
  >();

  function forgetOld(): void {
    for (const [key, { atMs }] of kept) {
      if (kept.size < MAX_KEPT && nowMs() - atMs < KEPT_MS) return;
      kept.delete(key);
    }
  }

  return async ({ who, key, request }, work) => {
    forgetOld();
    const name = JSON.stringify([who, key]);
    const text = JSON.stringify(request);
    const before = kept.get(name);
    if (before !== undefined) {
      if (before.request === text) return await before.answer;
      throw new HTTPException(422, {
        message: "Another request had this Idempotency-Key",
      });
    }
    const answer = work();
    kept.set(name, { atMs: nowMs(), request: text, answer });
    try {
      return await answer;
    } catch (error) {
      kept.delete(name);
      throw error;
    }
  };
}
