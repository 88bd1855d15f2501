/**
 * Files of attempts that no result names: their workers died, or another attempt won.
 * @module
 */
import type { ObjectInfo, ObjectStore } from "../storage/object_store.ts";
import { isHeld } from "./claims.ts";
import { ATTEMPTS, parseAttemptKey, resultKey } from "./keys.ts";
import { readRecord } from "./record_io.ts";
import { resultSchema } from "./records.ts";
import { readRunState } from "./run_state.ts";

interface AttemptFiles {
  readonly files: ObjectInfo[];
  /** When the last of them was written, by the store's clock. */
  newest: Date;
}

/**
 * Finds them, a case at a time in memory. What belongs to a case without a result is spared while a
 * worker holds a claim of it.
 *
 * @param olderThanSeconds of a case without a result, only attempts that nobody has written to for
 *   so long: a younger one may still be at work, also where there are no claims
 */
export async function* findOrphans(
  store: ObjectStore,
  olderThanSeconds: number,
): AsyncGenerator<ObjectInfo, void, undefined> {
  const { done } = await readRunState(store);
  const latest = (await store.now()).getTime() - olderThanSeconds * 1000;
  for await (const [caseId, attempts] of attemptsByCase(store)) {
    const isDone = done.has(caseId);
    const isYoung = ({ newest }: AttemptFiles) => newest.getTime() > latest;
    if (isDone ? attempts.size === 1 : attempts.values().every(isYoung)) {
      continue;
    }
    const held = !isDone && await isHeld(store, caseId);
    // What was open may have been committed meanwhile: asked after the claims, as its owner renews no more.
    const winner = await winnerOf(store, caseId);
    if (winner === null && held) continue;
    for (const [attempt, found] of attempts) {
      if (attempt === winner) continue;
      if (winner === null && isYoung(found)) continue;
      yield* found.files;
    }
  }
}

/** The attempt that was committed. */
async function winnerOf(
  store: ObjectStore,
  caseId: string,
): Promise<string | null> {
  const result = await readRecord(store, resultKey(caseId), resultSchema);
  return result?.attempt ?? null;
}

async function* attemptsByCase(
  store: ObjectStore,
): AsyncGenerator<[string, Map<string, AttemptFiles>], void, undefined> {
  let caseId: string | null = null;
  let attempts = new Map<string, AttemptFiles>();
  for await (const info of store.list(ATTEMPTS)) {
    const parsed = parseAttemptKey(info.key);
    if (parsed === null) continue;
    if (parsed.caseId !== caseId) {
      if (caseId !== null) yield [caseId, attempts];
      caseId = parsed.caseId;
      attempts = new Map();
    }
    const found = attempts.get(parsed.attempt) ??
      { files: [], newest: info.modifiedAt };
    found.files.push(info);
    if (info.modifiedAt > found.newest) found.newest = info.modifiedAt;
    attempts.set(parsed.attempt, found);
  }
  if (caseId !== null) yield [caseId, attempts];
}
