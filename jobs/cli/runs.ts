/** @module Runs that people name on the command line. */
import { readRun } from "../../shared/runs/freeze.ts";
import type { SegmentRun } from "../../shared/runs/records.ts";
import { runStore } from "../../shared/runs/run_store.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import type { Context } from "./context.ts";
import { store } from "./option_types.ts";
import { asUsage, UsageError } from "./usage_error.ts";

/** The option that names a run. */
export const runOption = store.describe(
  "the run's folder: <home>/runs/<id>, or segment's --output",
);

/** The run in a folder or bucket prefix, with its folder as it can be written to; that there is none is wrong usage. */
export async function openNamedRun(
  context: Context,
  location: string,
): Promise<{ store: ObjectStore; run: SegmentRun }> {
  const folder = context.open(location);
  const run = await asUsage(() => readRun(folder, "segment"));
  if (run === null) {
    throw new UsageError(`There is no run in ${folder.location}`);
  }
  return { store: runStore(folder, run), run };
}
