/** @module Indexes a run so that one which cannot be indexed for what its records say stops no other. */
import { z } from "zod";
import { isTornError } from "../open_catalog.ts";
import type { IndexContext } from "./context.ts";
import { diagnose, undiagnose } from "./diagnose.ts";
import { indexRun } from "./index_run.ts";

/** @throws the signal's reason; what the store or the index throws, which is everybody's problem. */
export async function indexOrDiagnose(
  context: IndexContext,
  folder: string,
): Promise<void> {
  const { catalog, now, signal } = context;
  const key = `runs/${folder}/`;
  try {
    await indexRun(context, folder);
  } catch (error) {
    signal.throwIfAborted();
    if (!isOfRecords(error)) throw error;
    const reason = `The run cannot be indexed: ${error.message}`;
    catalog.transaction(() => {
      diagnose(context, { key, folder, version: "", reason });
      // Until something changes in it, it would fail again.
      catalog.run(
        "UPDATE runs SET isStale = 0, lookedAt = ? WHERE folder = ?",
        now().toISOString(),
        folder,
      );
    });
    return;
  }
  const isMended = catalog.get(
    "SELECT key FROM diagnostics WHERE key = ?",
    key,
  ) !== undefined;
  if (isMended) catalog.transaction(() => undiagnose(context, key));
}

/** What working with strange values throws; stores and the index have errors of other kinds. */
function isOfRecords(error: unknown): error is Error {
  const kinds = [RangeError, TypeError, SyntaxError, z.ZodError];
  return kinds.some((kind) => error instanceof kind) && !isTornError(error);
}
