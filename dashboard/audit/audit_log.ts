/**
 * The audit log: lines of JSON in objects of their own under `<home>/audit/`, created once and never written
 * again. Every line holds the hash of the one before it, also from object to object.
 * @module
 */
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { type AuditEvent, hashLine, NO_LINE } from "./entry.ts";

export const AUDIT = "audit/";

/** Lines kept while the store does not answer; then whoever asks for patients' data is refused. */
const MAX_PENDING = 10_000;
const MAX_LINES_PER_OBJECT = 1000;
/** How far back the last line before this start is looked for. */
const LOOK_BACK_DAYS = 400;

export interface AuditLog {
  /** Notes an event; it is stored with the next {@linkcode flush}. */
  record(event: AuditEvent): void;
  /** Stores what is noted so far. What cannot be stored stays, in order, for the next time. */
  flush(): Promise<void>;
  /** Whether so much waits to be stored that nothing more may happen. */
  isFull(): boolean;
}

/** @param clock what time it is */
export function createAuditLog(home: ObjectStore, clock: () => Date): AuditLog {
  const instance = crypto.getRandomValues(new Uint8Array(4)).toHex();
  const pending: AuditEvent[] = [];
  let seq = 0;
  let recorded = 0;
  let previous: string | null = null;
  let flushing: Promise<void> | null = null;

  async function store(): Promise<void> {
    previous ??= await lastHash(home, clock());
    while (pending.length > 0) {
      const events = pending.slice(0, MAX_LINES_PER_OBJECT);
      let last: string = previous;
      const lines = events.map((event, i) => {
        const entry = { format: 1, seq: seq + i + 1, previous: last, ...event };
        const line = JSON.stringify(entry);
        last = hashLine(line);
        return line;
      });
      await createOnce(
        home,
        objectKey(events[0]!.at, instance, seq + 1),
        new TextEncoder().encode(`${lines.join("\n")}\n`),
      );
      pending.splice(0, events.length);
      seq += events.length;
      previous = last;
    }
  }

  return {
    record(event) {
      // Beyond twice the limit there are only refusals, and whoever makes that many says nothing new.
      if (pending.length >= 2 * MAX_PENDING) return;
      pending.push(event);
      recorded++;
    },
    async flush() {
      const wanted = recorded;
      // The one in progress may have passed what was noted just now.
      while (seq < wanted) {
        flushing ??= store().finally(() => {
          flushing = null;
        });
        await flushing;
      }
    },
    isFull: () => pending.length >= MAX_PENDING,
  };
}

/** `audit/2026-11-24/20261124T093015250Z-4f2a9c1b-000001.jsonl`: sorts by time. */
function objectKey(at: string, instance: string, seq: number): string {
  const time = at.replaceAll(/[-:.]/g, "");
  return `${AUDIT}${at.slice(0, 10)}/${time}-${instance}-${
    String(seq).padStart(6, "0")
  }.jsonl`;
}

const CONTENT = { contentType: "application/jsonl" };

/** @throws {Error} when another object stands there. */
async function createOnce(
  home: ObjectStore,
  key: string,
  body: Uint8Array<ArrayBuffer>,
): Promise<void> {
  try {
    if (await home.create(key, body, CONTENT)) return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotSupported)) throw error;
    // Nobody else makes a key of this instance.
    await home.put(key, body, CONTENT);
    return;
  }
  // A lost answer may make a success look like this.
  const there = await home.get(key);
  const isOurs = there !== null &&
    there.body.length === body.length &&
    there.body.every((byte, i) => byte === body[i]);
  if (!isOurs) {
    throw new Error(
      `Cannot create ${home.location}/${key}: another object stands there`,
    );
  }
}

async function lastHash(home: ObjectStore, now: Date): Promise<string> {
  const from = new Date(now.getTime() - LOOK_BACK_DAYS * 86_400_000);
  const startAfter = `${AUDIT}${from.toISOString().slice(0, 10)}`;
  let last: string | null = null;
  for await (const { key } of home.list(AUDIT, { startAfter })) last = key;
  const object = last === null ? null : await home.get(last);
  if (object === null) return NO_LINE;
  const text = new TextDecoder().decode(object.body).trimEnd();
  return hashLine(text.slice(text.lastIndexOf("\n") + 1));
}
