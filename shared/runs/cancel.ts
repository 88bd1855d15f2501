/**
 * Asking every worker of a run to stop, wherever it is.
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";
import { CANCEL_KEY } from "./keys.ts";
import { createRecord, readRecord } from "./record_io.ts";
import { type Cancel, cancelSchema } from "./records.ts";

/** Asks for it; the first request stands. */
export async function requestCancel(
  store: ObjectStore,
  runId: string,
  reason: string,
): Promise<void> {
  await createRecord(
    store,
    CANCEL_KEY,
    {
      format: 1,
      runId,
      requestedAt: new Date().toISOString(),
      reason,
    } satisfies Cancel,
  );
}

/** The request that stands, or null. */
export async function readCancel(store: ObjectStore): Promise<Cancel | null> {
  return await readRecord(store, CANCEL_KEY, cancelSchema);
}

/** Takes the request back, so that workers may go on. */
export async function withdrawCancel(store: ObjectStore): Promise<void> {
  await store.delete(CANCEL_KEY);
}
