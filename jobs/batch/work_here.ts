/**
 * Being a worker of a run in this process: for `work`, and for whoever must not start other programs.
 * @module
 */
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import type { Context } from "../cli/context.ts";
import { openRun, openRunCompute, type Shard } from "./open_worker.ts";
import { type WorkEnd, workRun } from "./work_run.ts";

/**
 * Opens a run with its engine, and works until every case of this worker is recorded.
 *
 * @param shard the worker's part, or null to share all cases by claims
 * @param index which of the run's workers it is
 * @throws {ConfigurationError} when the run can never be worked on so, here.
 * @throws the signal's reason once it is aborted; what stores throw.
 */
export async function workHere(
  store: ObjectStore,
  { shard, index }: { readonly shard: Shard | null; readonly index: number },
  { open, progress, signal, say }: Context,
): Promise<WorkEnd> {
  const opened = await openRun(store, shard);
  const compute = await openRunCompute(opened.run, open);
  try {
    return await workRun({
      ...opened,
      workerId: `w${index}-${crypto.randomUUID()}`,
      index,
      compute,
      progress,
      signal,
      open,
      say,
    });
  } finally {
    await compute.close();
  }
}
