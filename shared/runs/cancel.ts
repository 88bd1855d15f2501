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

/** What is known of a request to stop. */
export type CancelRequest = Pick<Cancel, "requestedAt" | "reason">;

/** The request that stands, or null. One that cannot be understood asks for the same as any: to stop. */
export async function readCancel(
  store: ObjectStore,
): Promise<CancelRequest | null> {
  try {
    return await readRecord(store, CANCEL_KEY, cancelSchema);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const head = await store.head(CANCEL_KEY);
    return head === null ? null : {
      requestedAt: head.modifiedAt.toISOString(),
      reason: `nobody knows why: ${error.message}`,
    };
  }
}

/** Takes the request back, so that workers may go on. */
export async function withdrawCancel(store: ObjectStore): Promise<void> {
  await store.delete(CANCEL_KEY);
}
