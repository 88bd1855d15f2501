/** @module Takes failures in, and the rounds in which failed cases are tried again. */
import { parseFailureKey } from "../../runs/keys.ts";
import { failureSchema, retrySchema } from "../../runs/records.ts";
import type { IndexContext } from "./context.ts";
import type { IndexedRun } from "./index_plan.ts";
import { type Found, readNew } from "./read_new.ts";
import { caseRow, ownKey, wrongOwner } from "./run_records.ts";
import { markSeen, unseen } from "./seen.ts";

/** @returns how many were new. */
export async function indexFailures(
  context: IndexContext,
  run: IndexedRun,
  found: readonly Found[],
): Promise<number> {
  const { catalog } = context;
  const known = new Set(
    catalog.all(
      "SELECT caseId, f.round FROM failures f JOIN cases c ON c.id = f.caseRow WHERE runId = ?",
      run.id,
    ).map(({ caseId, round }) => `${round} ${caseId}`),
  );
  const fresh = found.filter(({ key }) => {
    const name = parseFailureKey(ownKey(run, key));
    return name !== null && !known.has(`${name.round} ${name.caseId}`);
  });
  return await readNew(context, {
    folder: run.folder,
    found: fresh,
    schema: failureSchema,
    write(failure, { key }) {
      const name = parseFailureKey(ownKey(run, key))!;
      const wrong = wrongOwner(run, failure, name.caseId);
      if (wrong !== null) return wrong;
      if (failure.round !== name.round) {
        return `It is of round ${failure.round}, which its name does not say`;
      }
      const row = caseRow(catalog, run, failure.caseId);
      if (row === null) return "Its case is none of the run's";
      catalog.run(
        "INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?, ?)",
        row.id,
        failure.round,
        failure.kind,
        failure.stage,
        failure.message,
        failure.failedAt,
      );
      return null;
    },
  });
}

/** @returns how many were new. */
export async function indexRetries(
  context: IndexContext,
  run: IndexedRun,
  found: readonly Found[],
): Promise<number> {
  const { catalog } = context;
  return await readNew(context, {
    folder: run.folder,
    found: unseen(context, found),
    schema: retrySchema,
    write({ cases }, one) {
      const round = /^retries\/([1-9]\d{0,8})\.json$/.exec(ownKey(run, one.key))
        ?.[1];
      if (round === undefined) return "Its name is no number of a round";
      for (const caseId of cases) {
        catalog.run(
          "UPDATE cases SET round = max(round, ?) WHERE runId = ? AND caseId = ?",
          Number(round),
          run.id,
          caseId,
        );
      }
      markSeen(context, one);
      return null;
    },
  });
}
