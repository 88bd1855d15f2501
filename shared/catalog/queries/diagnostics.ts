/** @module Records that cannot be indexed, how many there are of everything, and how old the index is. */
import { z } from "zod";
import type { Catalog } from "../open_catalog.ts";
import { sql } from "./condition.ts";
import { type Page, pageOf, type PageOptions } from "./page.ts";
import { selectPage } from "./select_page.ts";

export const diagnosticSchema = z.strictObject({
  /** Relative to the home. */
  key: z.string(),
  /** Whose folder it is in; null for a record of the home itself. */
  runId: z.string().nullable(),
  reason: z.string(),
  seenAt: z.string(),
});
export type Diagnostic = z.infer<typeof diagnosticSchema>;

export const diagnosticPageSchema = pageOf(diagnosticSchema);

/** A page of damaged and foreign records, in order of their keys. */
export function diagnostics(
  catalog: Catalog,
  { runId = null, page }: {
    /** @default of all runs, and of the home itself */
    readonly runId?: string | null;
    readonly page?: PageOptions;
  } = {},
): Page<Diagnostic> {
  const where = runId === null ? sql("1") : sql("folder = ?", runId);
  return selectPage(catalog, {
    columns: "key, folder AS runId, reason, seenAt",
    from: { text: `diagnostics WHERE ${where.text}`, values: where.values },
    order: "key",
    page,
    rowOf: (row) => diagnosticSchema.parse({ ...row }),
  });
}

/** When the index last matched the store; null: never yet. */
export function indexedAt(catalog: Catalog): Date | null {
  const row = catalog.get("SELECT value FROM facts WHERE name = 'indexedAt'");
  return row === undefined ? null : new Date(String(row.value));
}
