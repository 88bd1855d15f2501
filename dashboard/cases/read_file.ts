/**
 * Reads files of cases for browsers, in parts, so that no request holds more than one part in memory; and only some
 * requests at a time hold one.
 * @module
 */
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { storageError } from "../../shared/storage/storage_error.ts";
import type { ByteRange } from "./requested_range.ts";

/** Nearly every scan is one part: the folder's store reads the whole file for each. */
export const PART_BYTES = 64 * 1024 * 1024;

/** Parts that are held at a time, by all requests together. */
const MOST_PARTS = 4;

export interface FileReader {
  /**
   * The bytes of a range as a stream. They are read as they are taken.
   *
   * @param signal of whoever asked: aborted when they have gone
   */
  stream(
    store: ObjectStore,
    key: string,
    range: ByteRange,
    signal: AbortSignal,
  ): ReadableStream<Uint8Array<ArrayBuffer>>;
}

export function createFileReader(
  { partBytes = PART_BYTES, mostParts = MOST_PARTS }: {
    partBytes?: number;
    mostParts?: number;
  } = {},
): FileReader {
  let free = mostParts;
  const waiting: (() => void)[] = [];

  async function acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (free > 0) {
      free--;
      return;
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
    await turn.promise;
    signal.removeEventListener("abort", leave);
  }

  function release(): void {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }

  return {
    stream(store, key, { start, end }, signal) {
      let at = start;
      let etag: string | null = null;
      return new ReadableStream({
        async pull(controller) {
          if (at >= end) {
            controller.close();
            return;
          }
          await acquire(signal);
          try {
            const range = { start: at, end: Math.min(end, at + partBytes) };
            const part = await store.get(key, { range, signal });
            const isSame = part !== null &&
              part.body.length === range.end - range.start &&
              (etag === null || etag === part.etag);
            if (!isSame) {
              const { location } = store;
              throw storageError(
                { operation: "read", location, key },
                "storage",
                "it was changed while it was read",
              );
            }
            etag = part.etag;
            at = range.end;
            controller.enqueue(part.body);
          } finally {
            release();
          }
        },
      }, { highWaterMark: 0 });
    },
  };
}
