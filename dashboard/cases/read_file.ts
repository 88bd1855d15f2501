/**
 * Reads files of cases for browsers, in parts that are read as they are taken, so that a request whose browser is slow,
 * or takes nothing, holds no more than one small part in memory; and only some requests at a time read one.
 * @module
 */
import { createHash } from "node:crypto";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import type { CaseError } from "../../shared/case_error.ts";
import { storageError } from "../../shared/storage/storage_error.ts";
import type { ByteRange } from "./requested_range.ts";
import { createTurns } from "./turns.ts";

/** A hundred slow browsers hold 200 MB together; the requests to a bucket are few enough for a scan in a second. */
export const PART_BYTES = 2 * 1024 * 1024;

/** Parts that are read at a time, by all requests together. */
const MOST_PARTS = 8;

export interface FileReader {
  /**
   * The bytes of a range as a stream. They are read as they are taken. It fails, before its last bytes, where the
   * file is not what it is expected to be.
   */
  stream(what: WhatToRead): ReadableStream<Uint8Array<ArrayBuffer>>;
}

export interface WhatToRead {
  readonly store: ObjectStore;
  readonly key: string;
  readonly range: ByteRange;
  /** What the range's bytes must have; null: that is not known. */
  readonly sha256: string | null;
}

export function createFileReader(
  { partBytes = PART_BYTES, mostParts = MOST_PARTS }: {
    partBytes?: number;
    mostParts?: number;
  } = {},
): FileReader {
  const turns = createTurns(mostParts);
  return {
    stream({ store, key, range: { start, end }, sha256 }) {
      const gone = new AbortController();
      const { signal } = gone;
      const hash = createHash("sha256");
      let at = start;
      let etag: string | null = null;
      return new ReadableStream({
        async pull(controller) {
          if (at >= end) {
            controller.close();
            return;
          }
          const release = await turns.take(signal);
          try {
            const range = { start: at, end: Math.min(end, at + partBytes) };
            const part = await store.get(key, { range, isPart: true, signal });
            const isSame = part !== null &&
              part.body.length === range.end - range.start &&
              (etag === null || etag === part.etag);
            if (!isSame) throw changed(store, key);
            etag = part.etag;
            at = range.end;
            if (sha256 !== null) {
              hash.update(part.body);
              if (at === end && hash.digest("hex") !== sha256) {
                throw changed(store, key);
              }
            }
            controller.enqueue(part.body);
          } finally {
            release();
          }
        },
        cancel(reason) {
          gone.abort(reason);
        },
      }, { highWaterMark: 0 });
    },
  };
}

function changed({ location }: ObjectStore, key: string): CaseError {
  return storageError(
    { operation: "read", location, key },
    "unreadable",
    "it is not what it was, or was changed while it was read",
  );
}
