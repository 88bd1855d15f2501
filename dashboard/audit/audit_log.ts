/**
 * The audit log: lines of JSON in objects of their own under `<home>/audit/`, created once and never written
 * again. Every line holds the hash of the one before it, also from object to object, and those of other writers'
 * last lines.
 * @module
 */
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import {
  type AuditEntry,
  type AuditEvent,
  hashLine,
  NO_LINE,
} from "./entry.ts";
import { auditKey } from "./object_key.ts";
import { createTips } from "./tips.ts";

/** Lines kept while the store does not answer; then whoever asks for patients' data is refused. */
const MAX_PENDING = 10_000;
const MAX_LINES_PER_OBJECT = 1000;

export interface AuditLog {
  /** Notes an event; it is stored with the next {@linkcode flush}. */
  record(event: AuditEvent): void;
  /**
   * Stores what is noted so far. What cannot be stored stays, in order, for the next time.
   *
   * @param options `isHurried`: somebody waits for it, so that others' lines are not looked for; the next flush does
   */
  flush(options?: { readonly isHurried?: boolean }): Promise<void>;
  /** Whether so much waits to be stored that nothing more may happen. */
  isFull(): boolean;
}

/** An object that is made, and may be stored already. */
interface Batch {
  readonly key: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly lines: number;
  readonly lastHash: string;
}

/** @param clock what time it is */
export function createAuditLog(home: ObjectStore, clock: () => Date): AuditLog {
  const writer = crypto.getRandomValues(new Uint8Array(4)).toHex();
  const othersTips = createTips(home, clock, writer);
  const pending: AuditEvent[] = [];
  let seq = 0;
  let recorded = 0;
  let previous: string | null = null;
  let batch: Batch | null = null;
  let flushing: Promise<void> | null = null;

  async function makeBatch(isHurried: boolean): Promise<Batch> {
    const tips = isHurried && previous !== null ? [] : await othersTips();
    let lastHash = previous ?? tips.pop() ?? NO_LINE;
    const events = pending.slice(0, MAX_LINES_PER_OBJECT);
    const lines = events.map((event, i) => {
      const entry: AuditEntry = {
        format: 1,
        seq: seq + i + 1,
        previous: lastHash,
        ...(i === 0 && tips.length > 0 ? { merges: tips } : {}),
        ...event,
      };
      const line = JSON.stringify(entry);
      lastHash = hashLine(line);
      return line;
    });
    return {
      key: auditKey(events[0]!.at, { writer, seq: seq + 1, lastHash }),
      body: new TextEncoder().encode(`${lines.join("\n")}\n`),
      lines: lines.length,
      lastHash,
    };
  }

  async function store(isHurried: boolean): Promise<void> {
    while (pending.length > 0) {
      // One whose answer was lost stands there perhaps: it is tried again as it is, whatever was noted since.
      batch ??= await makeBatch(isHurried);
      await createOnce(home, batch.key, batch.body);
      pending.splice(0, batch.lines);
      seq += batch.lines;
      previous = batch.lastHash;
      batch = null;
    }
  }

  return {
    record(event) {
      // Beyond twice the limit there are only refusals, and whoever makes that many says nothing new.
      if (pending.length >= 2 * MAX_PENDING) return;
      pending.push(event);
      recorded++;
    },
    async flush({ isHurried = false } = {}) {
      const wanted = recorded;
      // The one in progress may have passed what was noted just now.
      while (seq < wanted) {
        flushing ??= store(isHurried).finally(() => {
          flushing = null;
        });
        await flushing;
      }
    },
    isFull: () => pending.length >= MAX_PENDING,
  };
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
