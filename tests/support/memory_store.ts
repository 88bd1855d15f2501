/** @module A store in memory, with a clock and an order of events of the test's choice. */
import { clampRange } from "../../shared/storage/byte_range.ts";
import { checkKey, compareUtf8 } from "../../shared/storage/key.ts";
import type {
  ObjectInfo,
  ObjectStore,
  StoredObject,
} from "../../shared/storage/object_store.ts";
import { tooLarge } from "../../shared/storage/storage_error.ts";

export interface MemoryStoreOptions {
  /** The store's clock, in milliseconds since the epoch. @default this machine's */
  readonly nowMs?: () => number;
  /** Awaited before each request takes effect, and before its answer: a test decides who goes first, or fails it. */
  readonly step?: (
    what: keyof ObjectStore,
    key: string,
    when: "before" | "after",
  ) => Promise<void>;
}

/** Creates conditionally, lists consistently, and keeps whole milliseconds. */
export function memoryStore(
  { nowMs = () => Date.now(), step = () => Promise.resolve() }:
    MemoryStoreOptions = {},
): ObjectStore {
  const location = "memory://store";
  const objects = new Map<string, StoredObject>();
  let writes = 0;

  async function request<T>(
    what: keyof ObjectStore,
    key: string,
    signal: AbortSignal | undefined,
    act: () => T,
  ): Promise<T> {
    signal?.throwIfAborted();
    await step(what, key, "before");
    const answer = act();
    await step(what, key, "after");
    return answer;
  }

  function write(key: string, body: Uint8Array<ArrayBuffer>): string {
    checkKey(key);
    const etag = `${++writes}`;
    const modifiedAt = new Date(nowMs());
    const bytes = body.length;
    objects.set(key, { key, bytes, modifiedAt, etag, body: body.slice() });
    return etag;
  }

  return {
    location,
    get: (key, { maxBytes = Infinity, range, signal } = {}) =>
      request("get", key, signal, () => {
        const object = objects.get(key);
        if (object === undefined) return null;
        const { body } = object;
        const { start, end } = clampRange(
          range ?? { start: 0, end: body.length },
          body.length,
        );
        if (end - start > maxBytes) {
          const task = { operation: "read", location, key } as const;
          throw tooLarge(task, end - start, maxBytes);
        }
        return { ...object, body: body.slice(start, end) };
      }),
    head: (key, signal) =>
      request("head", key, signal, () => {
        const object = objects.get(key);
        if (object === undefined) return null;
        const { body: _, ...head } = object;
        return head;
      }),
    peek: (key, maxBytes, signal) =>
      request("peek", key, signal, () => {
        const object = objects.get(key);
        if (object === undefined) return null;
        return { bytes: object.bytes, body: object.body.slice(0, maxBytes) };
      }),
    put: (key, body, { signal } = {}) =>
      request("put", key, signal, () => write(key, body)),
    create: (key, body, { signal } = {}) =>
      request("create", key, signal, () => {
        if (objects.has(key)) return false;
        write(key, body);
        return true;
      }),
    delete: (key, signal) =>
      request("delete", key, signal, () => void objects.delete(key)),
    async *list(prefix, { startAfter = "", signal } = {}) {
      const page = await request(
        "list",
        prefix,
        signal,
        () =>
          [...objects.values()]
            .filter(({ key }) =>
              key.startsWith(prefix) && compareUtf8(key, startAfter) > 0
            )
            .sort((a, b) => compareUtf8(a.key, b.key))
            .map(({ body: _, ...info }): ObjectInfo => info),
      );
      yield* page;
    },
    now: (signal) => request("now", "", signal, () => new Date(nowMs())),
  };
}
