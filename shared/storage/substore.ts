import { checkKey, checkPrefix } from "./key.ts";
import type { ObjectStore } from "./object_store.ts";

/**
 * The part of a store below `folder`, as a store of its own.
 *
 * @param folder a key without a slash at its end.
 */
export function substore(store: ObjectStore, folder: string): ObjectStore {
  checkKey(folder);
  const above = `${folder}/`;
  const below = <T extends { readonly key: string }>(object: T): T => ({
    ...object,
    key: object.key.slice(above.length),
  });
  return {
    location: `${store.location}/${folder}`,
    async get(key, options) {
      const object = await store.get(inside(key), options);
      return object && below(object);
    },
    async head(key, signal) {
      const head = await store.head(inside(key), signal);
      return head && below(head);
    },
    async peek(key, maxBytes, signal) {
      return await store.peek(inside(key), maxBytes, signal);
    },
    async put(key, body, options) {
      return await store.put(inside(key), body, options);
    },
    async create(key, body, options) {
      return await store.create(inside(key), body, options);
    },
    async delete(key, signal) {
      await store.delete(inside(key), signal);
    },
    async *list(prefix, options = {}) {
      checkPrefix(prefix);
      const { startAfter } = options;
      const objects = store.list(above + prefix, {
        ...options,
        ...(startAfter !== undefined && { startAfter: above + startAfter }),
      });
      for await (const object of objects) yield below(object);
    },
    async *folders(prefix, options = {}) {
      checkPrefix(prefix);
      const { startAfter } = options;
      yield* store.folders(above + prefix, {
        ...options,
        ...(startAfter !== undefined && { startAfter: above + startAfter }),
      });
    },
    async now(signal) {
      return await store.now(signal);
    },
  };

  function inside(key: string): string {
    checkKey(key);
    return above + key;
  }
}
