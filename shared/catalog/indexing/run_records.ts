/** @module What the records in a run's folder have in common. */
import type { Catalog } from "../open_catalog.ts";
import type { IndexedRun } from "./index_plan.ts";

/** A key relative to the run's folder. */
export function ownKey({ folder }: IndexedRun, key: string): string {
  return key.slice(`runs/${folder}/`.length);
}

/** Why a record cannot stand where it does; null: it can. */
export function wrongOwner(
  run: IndexedRun,
  record: { readonly runId: string; readonly caseId: string },
  caseId: string | null,
): string | null {
  if (record.runId !== run.recordId) {
    return `It is of the run ${record.runId}, this is ${run.recordId}`;
  }
  return record.caseId === caseId
    ? null
    : `It is of the case "${record.caseId}", which its name does not say`;
}

/** A case's row; null where the run has no such case. */
export function caseRow(
  catalog: Catalog,
  run: Pick<IndexedRun, "id">,
  caseId: string,
): { readonly id: number; readonly isReviewed: boolean } | null {
  const row = catalog.get(
    "SELECT id, verdict FROM cases WHERE runId = ? AND caseId = ?",
    run.id,
    caseId,
  );
  return row === undefined
    ? null
    : { id: Number(row.id), isReviewed: row.verdict !== null };
}
