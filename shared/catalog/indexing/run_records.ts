/** @module What the records in a run's folder have in common. */
import {
  type Owned,
  wrongOwner as ownedByAnother,
} from "../../runs/own_records.ts";
import type { Catalog } from "../open_catalog.ts";
import type { IndexedRun } from "./index_plan.ts";

/** A key relative to the run's folder. */
export function ownKey({ folder }: IndexedRun, key: string): string {
  return key.slice(`runs/${folder}/`.length);
}

/** Why a record cannot stand where it does; null: it can. */
export function wrongOwner(
  run: IndexedRun,
  record: Owned,
  caseId: string | null,
): string | null {
  return ownedByAnother(record, { runId: run.recordId, caseId });
}

/** A case's row; null where the run has no such case. */
export function caseRow(
  catalog: Catalog,
  run: Pick<IndexedRun, "id">,
  caseId: string,
): {
  readonly id: number;
  /** Whether a result of it is known. */
  readonly isMeasured: boolean;
} | null {
  const row = catalog.get(
    "SELECT id, attempt FROM cases WHERE runId = ? AND caseId = ?",
    run.id,
    caseId,
  );
  return row === undefined ? null : {
    id: Number(row.id),
    isMeasured: row.attempt !== null,
  };
}
