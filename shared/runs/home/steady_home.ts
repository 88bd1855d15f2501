/**
 * A home that is noticed when it is gone: a drive that is not mounted any more leaves an empty folder or none, and a
 * bucket may be made anew. What looks like an empty home then must neither be believed nor be written to.
 *
 * `home.json` tells one home from another. Whoever keeps a home open makes it where it is missing.
 * @module
 */
import { z } from "zod";
import { CaseError } from "../../case_error.ts";
import type { ObjectStore } from "../../storage/object_store.ts";
import { storageError } from "../../storage/storage_error.ts";
import { createRecord, readRecord, writeRecord } from "../record_io.ts";

export const HOME_KEY = "home.json";

/** `home.json`, created once. */
export const homeRecordSchema = z.strictObject({
  format: z.literal(1),
  /** No other home's. */
  id: z.uuid(),
  createdAt: z.iso.datetime(),
});
export type HomeRecord = z.infer<typeof homeRecordSchema>;

export interface SteadyHome {
  /**
   * The same store, which asks for {@linkcode SteadyHome.check} before it writes, and before it says that there is
   * nothing under a key or prefix.
   */
  readonly home: ObjectStore;
  /**
   * Looks whether it is still the home that it was at the first call.
   *
   * @throws {CaseError} of kind `storage` when it is not, or the store does not answer.
   */
  check(signal?: AbortSignal): Promise<void>;
}

/**
 * @param knowsRuns whether runs of this home were seen, also before this start: one without any is not it
 * @param now the time of day
 */
export function steadyHome(
  store: ObjectStore,
  { knowsRuns, now }: { knowsRuns: () => boolean; now: () => Date },
): SteadyHome {
  let id: string | null = null;
  let isReadOnly = false;

  async function check(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const there = await readRecord(store, HOME_KEY, homeRecordSchema);
    if (there === null && (id !== null || knowsRuns() && !await hasRuns())) {
      throw gone(
        `the home is not there, only ${
          id === null
            ? "an empty folder, though its index knows runs. Where it was emptied on purpose, start with a new --catalog"
            : "an empty place or a copy without its mark"
        }`,
      );
    }
    const found = there?.id ?? (isReadOnly ? null : await mark());
    if (id !== null && found !== id) {
      throw gone("another home stands in its place. Start the dashboard again");
    }
    id = found;
  }

  function gone(problem: string): CaseError {
    const { location } = store;
    return storageError(
      { operation: "look at", location, key: HOME_KEY },
      "storage",
      problem,
    );
  }

  async function hasRuns(): Promise<boolean> {
    for await (const _ of store.folders("runs/")) return true;
    return false;
  }

  /** @returns the id; null where nothing may be written */
  async function mark(): Promise<string | null> {
    const record: HomeRecord = {
      format: 1,
      id: crypto.randomUUID(),
      createdAt: now().toISOString(),
    };
    try {
      await createRecord(store, HOME_KEY, record);
    } catch (error) {
      if (error instanceof CaseError && error.kind === "configuration") {
        isReadOnly = true;
        return null;
      }
      if (!(error instanceof Deno.errors.NotSupported)) throw error;
      await writeRecord(store, HOME_KEY, record);
    }
    // Of two that mark it at once, one does.
    return (await readRecord(store, HOME_KEY, homeRecordSchema))?.id ?? null;
  }

  /** An answer that there is nothing counts only of a home that is there. */
  async function sure<T>(
    answer: Promise<T | null>,
    signal: AbortSignal | undefined,
  ): Promise<T | null> {
    const found = await answer;
    if (found === null) await check(signal);
    return found;
  }

  const home: ObjectStore = {
    location: store.location,
    get: (key, options) => sure(store.get(key, options), options?.signal),
    head: (key, signal) => sure(store.head(key, signal), signal),
    peek: (key, maxBytes, signal) =>
      sure(store.peek(key, maxBytes, signal), signal),
    async put(key, body, options) {
      await check(options?.signal);
      return await store.put(key, body, options);
    },
    async create(key, body, options) {
      await check(options?.signal);
      return await store.create(key, body, options);
    },
    async delete(key, signal) {
      await check(signal);
      await store.delete(key, signal);
    },
    async *list(prefix, options) {
      let isEmpty = true;
      for await (const object of store.list(prefix, options)) {
        isEmpty = false;
        yield object;
      }
      if (isEmpty) await check(options?.signal);
    },
    async *folders(prefix, options) {
      yield* store.folders(prefix, options);
      // Also after some: a home may vanish between two of them.
      await check(options?.signal);
    },
    now: (signal) => store.now(signal),
  };
  return { home, check };
}
