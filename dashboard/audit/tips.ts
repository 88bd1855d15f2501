/**
 * The last lines of everybody who writes to an audit log: whoever goes on from all of them leaves none that
 * could be removed unnoticed.
 * @module
 */
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { hashLine } from "./entry.ts";
import {
  AUDIT,
  type AuditObject,
  parseAuditKey,
  startOfKeys,
} from "./object_key.ts";

/** Objects are named by when their first line was noted, by clocks that differ: so far back they are listed again. */
const OVERLAP_MS = 3_600_000;
/** Days with objects, of which the first look lists all. */
const FIRST_DAYS = 2;

/**
 * Tells the hashes of others' last lines that were not told before, the newest last. The first call lists two
 * days, each later one what is new since the one before it.
 *
 * @param own the writer whose objects are passed over
 */
export function createTips(
  home: ObjectStore,
  clock: () => Date,
  own: string,
): () => Promise<string[]> {
  const told = new Map<string, number>();
  let lookedAtMs: number | null = null;

  return async () => {
    const now = clock();
    const startAfter = lookedAtMs === null
      ? await startOfLastDays(home, now)
      : startOfKeys(new Date(lookedAtMs - OVERLAP_MS).toISOString());
    const last = new Map<string, AuditObject>();
    for await (const { key } of home.list(AUDIT, { startAfter })) {
      const object = parseAuditKey(key);
      if (object === null || object.writer === own) continue;
      const known = last.get(object.writer)?.seq ?? told.get(object.writer);
      if (known !== undefined && object.seq <= known) continue;
      // The newest stands last, whoever came first.
      last.delete(object.writer);
      last.set(object.writer, object);
    }
    const hashes: string[] = [];
    for (const object of last.values()) {
      const hash = object.lastHash ?? await readLastHash(home, object.key);
      if (hash !== null) hashes.push(hash);
    }
    // Only now: what could not be listed or read is looked for again.
    for (const { writer, seq } of last.values()) told.set(writer, seq);
    lookedAtMs = now.getTime();
    return hashes;
  };
}

/** Days after today, which a wrong clock made, count as none. */
async function startOfLastDays(home: ObjectStore, now: Date): Promise<string> {
  const today = now.toISOString().slice(0, 10);
  const days: string[] = [];
  for await (const day of home.folders(AUDIT)) {
    if (day <= today && /^\d{4}-\d\d-\d\d$/.test(day)) days.push(day);
  }
  const first = days.slice(-FIRST_DAYS)[0];
  return first === undefined ? AUDIT : `${AUDIT}${first}/`;
}

async function readLastHash(
  home: ObjectStore,
  key: string,
): Promise<string | null> {
  const object = await home.get(key);
  if (object === null) return null;
  const text = new TextDecoder().decode(object.body).trimEnd();
  return hashLine(text.slice(text.lastIndexOf("\n") + 1));
}
