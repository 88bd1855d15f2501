/**
 * Records that are worked out from others: a damaged one is no loss.
 * @module
 */
import type { z } from "zod";
import { readRecord } from "../../../shared/runs/record_io.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";

/** `null`: there is none. `damaged`: it is there and cannot be understood. */
export type Derived<T> = T | null | "damaged";

/** Reads the record. Of a damaged one it is said that it is to be written anew. */
export async function readDerived<T extends object>(
  store: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
  say: (line: string) => void,
): Promise<Derived<T>> {
  try {
    return await readRecord(store, key, schema);
  } catch (error) {
    const isDamaged = error instanceof SyntaxError ||
      error instanceof RangeError;
    if (!isDamaged) throw error;
    say(`${error.message}; a night writes it anew`);
    return "damaged";
  }
}
