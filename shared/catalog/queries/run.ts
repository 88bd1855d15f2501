/** @module All that is known of one run, without its cases. */
import { z } from "zod";
import { FAILURE_KINDS } from "../../case_error.ts";
import {
  cancelSchema,
  evaluateRunSchema,
  segmentRunSchema,
  workerRecordSchema,
} from "../../runs/records.ts";
import { aggregateSchema } from "../aggregate.ts";
import { seenSchema } from "../indexing/tell_seen.ts";
import type { Catalog } from "../open_catalog.ts";
import { foldOf } from "./case_row.ts";
import { runRow, runRowSchema } from "./runs.ts";

export const runDetailSchema = runRowSchema.extend({
  /** `run.json` without its cases: the provenance of all masks. */
  plan: z.discriminatedUnion("kind", [
    segmentRunSchema.omit({ cases: true }),
    evaluateRunSchema.omit({ cases: true }),
  ]),
  /** Names of the foreground classes. */
  classes: z.array(z.string()),
  cancel: cancelSchema.nullable(),
  failuresByKind: z.partialRecord(z.enum(FAILURE_KINDS), z.int().min(1)),
  /** Heard of last comes first. */
  workers: z.array(workerRecordSchema),
  groups: z.array(z.strictObject({
    fold: z.int().min(0).nullable(),
    className: z.string(),
    nExpected: z.int().min(0),
    nDone: z.int().min(0),
    nFailed: z.int().min(0),
    nDamaged: z.int().min(0),
    nLabelled: z.int().min(0),
    aggregate: aggregateSchema,
    /** Whether its checkpoint was trained on these cases. */
    seen: seenSchema,
  })),
  /** Records in its folder that cannot be understood, of cases and others. */
  nDamagedRecords: z.int().min(0),
});
export type RunDetail = z.infer<typeof runDetailSchema>;

/** A run may have had thousands of workers: the newest are told. */
const MOST_WORKERS = 1000;

/** Null where the run is not known. */
export function run(catalog: Catalog, runId: string): RunDetail | null {
  const known = runRow(catalog, runId);
  const row = catalog.get(
    "SELECT id, plan, classes, cancel FROM runs WHERE folder = ?",
    runId,
  );
  if (known === null || row === undefined) return null;
  const id = Number(row.id);
  const failures = catalog.all(
    `SELECT kind, count(*) AS n FROM cases c JOIN failures f ON f.caseRow = c.id AND f.round = c.round
     WHERE c.runId = ? AND c.state = 'failed' GROUP BY kind ORDER BY n DESC, kind`,
    id,
  );
  const damaged = catalog.get(
    "SELECT count(*) AS n FROM diagnostics WHERE folder = ?",
    runId,
  );
  return runDetailSchema.parse({
    ...known,
    plan: JSON.parse(String(row.plan)),
    classes: JSON.parse(String(row.classes)),
    cancel: row.cancel === null ? null : JSON.parse(String(row.cancel)),
    failuresByKind: Object.fromEntries(
      failures.map(({ kind, n }) => [String(kind), n]),
    ),
    workers: catalog.all(
      "SELECT record FROM workers WHERE runId = ? ORDER BY heardAt DESC, workerId LIMIT ?",
      id,
      MOST_WORKERS,
    ).map(({ record }) => JSON.parse(String(record))),
    groups: catalog.all(
      `SELECT fold, className, nExpected, nDone, nFailed, nDamaged, nLabelled, aggregate, seen FROM groups
       WHERE runId = ? ORDER BY fold, classIndex`,
      id,
    ).map((group) => ({
      ...group,
      fold: foldOf(group.fold),
      aggregate: JSON.parse(String(group.aggregate)),
    })),
    nDamagedRecords: damaged?.n,
  });
}
