/**
 * Which records in a run's folder are the run's own. A case whose record cannot be read, or is somebody else's, is
 * damaged: it counts as neither done nor failed nor open, wherever cases are counted.
 * @module
 */
import type { z } from "zod";
import type { ObjectStore } from "../storage/object_store.ts";
import { readReadable } from "./record_io.ts";

/** What of a record says whose it is. */
export interface Owned {
  readonly runId: string;
  readonly caseId: string;
}

/** Why a record cannot stand where it does; null: it can. */
export function wrongOwner(
  record: Owned,
  { runId, caseId }: {
    readonly runId: string;
    /** As the record's name says. */
    readonly caseId: string | null;
  },
): string | null {
  if (record.runId !== runId) {
    return `It is of the run ${record.runId}, this is ${runId}`;
  }
  return record.caseId === caseId
    ? null
    : `It is of the case "${record.caseId}", which its name does not say`;
}

export interface OwnRecords<T> {
  /** In the order of the cases. */
  readonly records: readonly T[];
  /** Why those of the other cases cannot be understood. */
  readonly damaged: ReadonlyMap<string, string>;
}

/** The records of cases; those that are gone are passed over. */
export async function readOwnRecords<T extends Owned>(
  store: ObjectStore,
  { runId, caseIds, keyOf, schema }: {
    readonly runId: string;
    readonly caseIds: readonly string[];
    readonly keyOf: (caseId: string) => string;
    readonly schema: z.ZodType<T>;
  },
): Promise<OwnRecords<T>> {
  const caseOf = new Map(caseIds.map((caseId) => [keyOf(caseId), caseId]));
  const { records, damaged } = await readReadable(
    store,
    [...caseOf.keys()],
    schema,
    (record, key) => wrongOwner(record, { runId, caseId: caseOf.get(key)! }),
  );
  return {
    records,
    damaged: new Map(
      Array.from(damaged, ([key, why]) => [caseOf.get(key)!, why]),
    ),
  };
}
