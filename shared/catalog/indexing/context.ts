/** @module What every step of indexing works with. */
import { setImmediate } from "node:timers/promises";
import type { ObjectInfo, ObjectStore } from "../../storage/object_store.ts";
import type { Catalog } from "../open_catalog.ts";

/** What one refresh did. */
export interface Tally {
  /** Records read, sound or not. */
  recordsRead: number;
  /** Runs whose folders were listed. */
  runsListed: number;
  /** Runs found for the first time. */
  runsFound: number;
}

export interface IndexContext {
  readonly catalog: Catalog;
  readonly home: ObjectStore;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly tally: Tally;
}

/** Lets others have their turn: everything SQLite does, it does at once. @throws the signal's reason. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}

/** Another one once the object was rewritten. */
export function versionOf(
  { bytes, modifiedAt, etag = "" }: ObjectInfo,
): string {
  return `${bytes} ${modifiedAt.getTime()} ${etag}`;
}
