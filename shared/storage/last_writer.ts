import type { ObjectStore } from "./object_store.ts";

/**
 * The same store, with a `create` for servers that cannot create conditionally: it looks whether there is an
 * object and writes one when there is none.
 *
 * That is two requests. Who writes the same key between them is written over by whoever comes last, and
 * everyone is told `true`: so this is only for runs in which no two workers share a case. Such a worker that
 * was declared dead and still runs beside its replacement may replace the record that the other one wrote.
 * Records stay whole, as each is written by one `put` and names the files of its own attempt.
 */
export function lastWriterWins(store: ObjectStore): ObjectStore {
  return {
    location: store.location,
    get: (key, options) => store.get(key, options),
    head: (key, signal) => store.head(key, signal),
    peek: (key, maxBytes, signal) => store.peek(key, maxBytes, signal),
    put: (key, body, options) => store.put(key, body, options),
    async create(key, body, options) {
      if (await store.head(key, options?.signal) !== null) return false;
      await store.put(key, body, options);
      return true;
    },
    delete: (key, signal) => store.delete(key, signal),
    list: (prefix, options) => store.list(prefix, options),
    folders: (prefix, options) => store.folders(prefix, options),
    now: (signal) => store.now(signal),
  };
}
