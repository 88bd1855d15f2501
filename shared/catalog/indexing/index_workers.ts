/** @module Takes in what workers tell of themselves, which they rewrite every few seconds. */
import { workerRecordSchema } from "../../runs/records.ts";
import type { IndexContext } from "./context.ts";
import type { IndexedRun } from "./index_plan.ts";
import { type Found, readNew } from "./read_new.ts";
import { ownKey } from "./run_records.ts";

/** @returns how many were new or had changed. */
export async function indexWorkers(
  context: IndexContext,
  run: IndexedRun,
  found: readonly Found[],
): Promise<number> {
  const { catalog } = context;
  const known = new Map(
    catalog.all("SELECT workerId, version FROM workers WHERE runId = ?", run.id)
      .map(({ workerId, version }) => [String(workerId), String(version)]),
  );
  const idOf = (key: string) =>
    ownKey(run, key).slice("workers/".length, -".json".length);
  return await readNew(context, {
    folder: run.folder,
    found: found.filter(({ key, version }) => known.get(idOf(key)) !== version),
    schema: workerRecordSchema,
    write(record, { key, version }) {
      if (record.runId !== run.recordId) {
        return `It is of the run ${record.runId}, this is ${run.recordId}`;
      }
      catalog.run(
        "INSERT OR REPLACE INTO workers VALUES (?, ?, ?, ?, ?)",
        run.id,
        idOf(key),
        version,
        record.updatedAt,
        JSON.stringify(record),
      );
      return null;
    },
  });
}
