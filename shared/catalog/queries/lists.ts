/** @module What there is to choose from, and how much of everything. */
import { z } from "zod";
import type { Catalog } from "../open_catalog.ts";
import { sql } from "./condition.ts";
import { type Page, pageOf, type PageOptions } from "./page.ts";
import {
  checkpointRefOf,
  checkpointRefSchema,
  datasetRefOf,
  datasetRefSchema,
  REF_COLUMNS,
} from "./refs.ts";
import { selectPage } from "./select_page.ts";

export const datasetRowSchema = datasetRefSchema.extend({
  /** Cases in its index; null where it is not indexed. */
  nCases: z.int().min(0).nullable(),
  indexedAt: z.string().nullable(),
  nRuns: z.int().min(0),
});
export type DatasetRow = z.infer<typeof datasetRowSchema>;
export const datasetListSchema = pageOf(datasetRowSchema);

export const checkpointRowSchema = checkpointRefSchema.extend({
  /** Null where it is not registered. */
  registeredAt: z.string().nullable(),
  nRuns: z.int().min(0),
});
export type CheckpointRow = z.infer<typeof checkpointRowSchema>;
export const checkpointListSchema = pageOf(checkpointRowSchema);

/** Datasets that are indexed, or that any run is over, in order of their names. */
export function datasets(
  catalog: Catalog,
  page?: PageOptions,
): Page<DatasetRow> {
  return selectPage(catalog, {
    columns:
      `d.nCases, d.indexedAt, (SELECT count(*) FROM runs r WHERE r.datasetId = d.id) AS nRuns, ${REF_COLUMNS}`,
    from: sql("datasets d LEFT JOIN checkpoints k ON 0"),
    order: "d.name, d.key",
    page,
    rowOf: ({ nCases, indexedAt, nRuns, ...row }) =>
      datasetRowSchema.parse({
        ...datasetRefOf(row),
        nCases,
        indexedAt,
        nRuns,
      }),
  });
}

/** Checkpoints that are registered, or that any run is of, in order of their names. */
export function checkpoints(
  catalog: Catalog,
  page?: PageOptions,
): Page<CheckpointRow> {
  return selectPage(catalog, {
    columns:
      `k.registeredAt, (SELECT count(*) FROM runs r WHERE r.checkpointId = k.id) AS nRuns, ${REF_COLUMNS}`,
    from: sql("checkpoints k LEFT JOIN datasets d ON 0"),
    order: "k.name, k.key",
    page,
    rowOf: ({ registeredAt, nRuns, ...row }) =>
      checkpointRowSchema.parse({
        ...checkpointRefOf(row),
        registeredAt,
        nRuns,
      }),
  });
}

export const totalsSchema = z.strictObject({
  nDatasets: z.int().min(0),
  nCheckpoints: z.int().min(0),
  nRuns: z.int().min(0),
  /** Neither finished nor cancelled. */
  nOpenRuns: z.int().min(0),
  /** Of all runs together, so are the following. */
  nExpected: z.int().min(0),
  nDone: z.int().min(0),
  nFailed: z.int().min(0),
  nReviewed: z.int().min(0),
  nDiagnostics: z.int().min(0),
});
export type Totals = z.infer<typeof totalsSchema>;

export function totals(catalog: Catalog): Totals {
  return totalsSchema.parse({
    ...catalog.get(
      `SELECT (SELECT count(*) FROM datasets) AS nDatasets, (SELECT count(*) FROM checkpoints) AS nCheckpoints,
         count(*) AS nRuns, total(isFinished = 0 AND cancel IS NULL) AS nOpenRuns, total(nExpected) AS nExpected,
         total(nDone) AS nDone, total(nFailed) AS nFailed, total(nReviewed) AS nReviewed,
         (SELECT count(*) FROM diagnostics) AS nDiagnostics
       FROM runs`,
    ),
  });
}
