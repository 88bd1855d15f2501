/** @module The folder of a run, as its records can be created there. */
import { lastWriterWins } from "../storage/last_writer.ts";
import type { ObjectStore } from "../storage/object_store.ts";
import type { SegmentRun } from "./records.ts";

/**
 * A run of shards lies in a store that cannot create conditionally: whoever froze it found that out.
 * There a `create` looks first, then writes.
 */
export function runStore(
  store: ObjectStore,
  { coordination }: Pick<SegmentRun, "coordination">,
): ObjectStore {
  return coordination?.kind === "shards" ? lastWriterWins(store) : store;
}
