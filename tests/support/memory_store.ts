/** @module A store in memory, with a clock and an order of events of the test's choice. */
import { clampRange } from "../../shared/storage/byte_range.ts";
import { checkKey, compareUtf8 } from "../../shared/storage/key.ts";
import type {
  ObjectInfo,
  ObjectStore,
  StoredObject,
} from "../../shared/storage/object_store.ts";
import { tooLarge } from "../../shared/storage/storage_error.ts";

/**
 * Creates conditionally, lists consistently, and keeps whole milliseconds.
 *
 * @param nowMs the store's clock, in milliseconds since the epoch
 */
export function memoryStore(
  nowMs: () => number = () => Date.now(),
): ObjectStore {
  const location = "memory://store";
  const objects = new Map<string, StoredObject>();
  let writes = 0;

  // What aborts or fails does so as a promise, never while it is called.
  function answer<T>(signal: AbortSignal | undefined, act: () => T) {
    return Promise.resolve().then(() => {
      signal?.throwIfAborted();
      return act();
    });
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
      answer(signal, () => {
        const object = objects.get(key);
        if (object === undefined) return null;
        const { body } = object;
        const whole = { start: 0, end: body.length };
        const { start, end } = clampRange(range ?? whole, body.length);
        if (end - start > maxBytes) {
          const task = { operation: "read", location, key } as const;
          throw tooLarge(task, end - start, maxBytes);
        }
        return { ...object, body: body.slice(start, end) };
      }),
    head: (key, signal) =>
      answer(signal, () => {
        const object = objects.get(key);
        if (object === undefined) return null;
        const { body: _, ...head } = object;
        return head;
      }),
    peek: (key, maxBytes, signal) =>
      answer(signal, () => {
        const object = objects.get(key);
        if (object === undefined) return null;
        return { bytes: object.bytes, body: object.body.slice(0, maxBytes) };
      }),
    put: (key, body, { signal } = {}) => answer(signal, () => write(key, body)),
    create: (key, body, { signal } = {}) =>
      answer(signal, () => {
        if (objects.has(key)) return false;
        write(key, body);
        return true;
      }),
    delete: (key, signal) => answer(signal, () => void objects.delete(key)),
    async *list(prefix, { startAfter = "", signal } = {}) {
      yield* await answer(signal, () =>
        [...objects.values()]
          .filter(({ key }) =>
            key.startsWith(prefix) && compareUtf8(key, startAfter) > 0
          )
          .sort((a, b) => compareUtf8(a.key, b.key))
          .map(({ body: _, ...info }): ObjectInfo => info));
    },
    async *folders(prefix, { startAfter = "", signal } = {}) {
      yield* await answer(signal, () => {
        const names = [...objects.keys()]
          .filter((key) =>
            key.startsWith(prefix) && key.includes("/", prefix.length)
          )
          .map((key) =>
            key.slice(prefix.length, key.indexOf("/", prefix.length))
          );
        return [...new Set(names)]
          .filter((name) => compareUtf8(`${prefix}${name}/`, startAfter) > 0)
          .sort((a, b) => compareUtf8(`${a}/`, `${b}/`));
      });
    },
    now: (signal) => answer(signal, () => new Date(nowMs())),
  };
}

/** Awaited before each request is sent, and before its answer arrives: a test decides who goes first, or fails it. */
export type Step = (
  what: Exclude<keyof ObjectStore, "location">,
  key: string,
  when: "before" | "after",
) => Promise<void>;

/** The same store, step by step. */
export function stepped(store: ObjectStore, step: Step): ObjectStore {
  async function around<T>(
    what: Parameters<Step>[0],
    key: string,
    request: () => Promise<T>,
  ): Promise<T> {
    await step(what, key, "before");
    const answer = await request();
    await step(what, key, "after");
    return answer;
  }
  return {
    location: store.location,
    get: (key, options) => around("get", key, () => store.get(key, options)),
    head: (key, signal) => around("head", key, () => store.head(key, signal)),
    peek: (key, maxBytes, signal) =>
      around("peek", key, () => store.peek(key, maxBytes, signal)),
    put: (key, body, options) =>
      around("put", key, () => store.put(key, body, options)),
    create: (key, body, options) =>
      around("create", key, () => store.create(key, body, options)),
    delete: (key, signal) =>
      around("delete", key, () => store.delete(key, signal)),
    async *list(prefix, options) {
      yield* await around(
        "list",
        prefix,
        () => Array.fromAsync(store.list(prefix, options)),
      );
    },
    async *folders(prefix, options) {
      yield* await around(
        "folders",
        prefix,
        () => Array.fromAsync(store.folders(prefix, options)),
      );
    },
    now: (signal) => around("now", "", () => store.now(signal)),
  };
}
