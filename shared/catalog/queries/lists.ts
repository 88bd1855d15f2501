/** @module What there is to choose from, and how much of everything. */
import { z } from "zod";
import type { Catalog, Row } from "../open_catalog.ts";
import { type Page, pageOf, type PageOptions, pageSchema } from "./page.ts";
import {
  checkpointRefOf,
  checkpointRefSchema,
  datasetRefOf,
  datasetRefSchema,
  REF_COLUMNS,
} from "./refs.ts";

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
  page: PageOptions = {},
): Page<DatasetRow> {
  return listed(
    catalog,
    page,
    `SELECT d.nCases, d.indexedAt, (SELECT count(*) FROM runs r WHERE r.datasetId = d.id) AS nRuns, ${REF_COLUMNS}
     FROM datasets d LEFT JOIN checkpoints k ON 0 ORDER BY d.name, d.key`,
    "datasets",
    ({ nCases, indexedAt, nRuns, ...row }) =>
      datasetRowSchema.parse({
        ...datasetRefOf(row),
        nCases,
        indexedAt,
        nRuns,
      }),
  );
}

/** Checkpoints that are registered, or that any run is of, in order of their names. */
export function checkpoints(
  catalog: Catalog,
  page: PageOptions = {},
): Page<CheckpointRow> {
  return listed(
    catalog,
    page,
    `SELECT k.registeredAt, (SELECT count(*) FROM runs r WHERE r.checkpointId = k.id) AS nRuns, ${REF_COLUMNS}
     FROM checkpoints k LEFT JOIN datasets d ON 0 ORDER BY k.name, k.key`,
    "checkpoints",
    ({ registeredAt, nRuns, ...row }) =>
      checkpointRowSchema.parse({
        ...checkpointRefOf(row),
        registeredAt,
        nRuns,
      }),
  );
}

function listed<T>(
  catalog: Catalog,
  page: PageOptions,
  query: string,
  table: "datasets" | "checkpoints",
  rowOf: (row: Row) => T,
): Page<T> {
  const { offset, limit } = pageSchema.parse(page);
  const items = catalog.all(`${query} LIMIT ? OFFSET ?`, limit, offset)
    .map(rowOf);
  const counted = catalog.get(`SELECT count(*) AS total FROM ${table}`);
  return { items, total: Number(counted?.total), offset, limit };
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
