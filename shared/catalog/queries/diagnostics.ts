/** @module Records that cannot be indexed, how many there are of everything, and how old the index is. */
import { z } from "zod";
import type { Catalog } from "../open_catalog.ts";
import { allOf, holds, sql, when } from "./condition.ts";
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

export const diagnosticListingSchema = z.strictObject({
  /** Only those in the folder of this run. */
  runId: z.string().max(200).optional(),
  /** What a record tells of, by where it lies; `home`: no run's. */
  kind: z.enum(["home", "plan", "result", "failure", "review", "other"])
    .optional(),
  /** Part of its key or of the reason, in any case of letters. */
  search: z.string().max(200).optional(),
  sort: z.enum(["key", "seenAt"]).default("key"),
  direction: z.enum(["ascending", "descending"]).default("ascending"),
});
export type DiagnosticListing = z.input<typeof diagnosticListingSchema>;

/** Where in a run's folder a record lies: after `runs/<folder>/`. */
const PLACE = "substr(key, length(folder) + 7)";
const KIND = `CASE WHEN folder IS NULL THEN 'home'
  WHEN ${PLACE} = 'run.json' THEN 'plan'
  WHEN ${PLACE} LIKE 'results/%' THEN 'result'
  WHEN ${PLACE} LIKE 'failures/%' THEN 'failure'
  WHEN ${PLACE} LIKE 'reviews/%' THEN 'review'
  ELSE 'other' END`;

/** A page of damaged and foreign records. */
export function diagnostics(
  catalog: Catalog,
  { page, ...options }: DiagnosticListing & { readonly page?: PageOptions } =
    {},
): Page<Diagnostic> {
  const { runId, kind, search, sort, direction } = diagnosticListingSchema
    .parse(options);
  const where = allOf([
    when(runId, (folder) => sql("folder = ?", folder)),
    when(kind, (wanted) => sql(`${KIND} = ?`, wanted)),
    when(search, (text) => holds(text, ["key", "reason"])),
  ]);
  const way = direction === "ascending" ? "ASC" : "DESC";
  return selectPage(catalog, {
    columns: "key, folder AS runId, reason, seenAt",
    from: { text: `diagnostics WHERE ${where.text}`, values: where.values },
    order: `${sort} ${way}, key`,
    page,
    rowOf: (row) => diagnosticSchema.parse({ ...row }),
  });
}

const factSchema = z.object({ value: z.iso.datetime() });

/** When the index last matched the store; null: never yet. */
export function indexedAt(catalog: Catalog): Date | null {
  const fact = factSchema.safeParse(
    catalog.get("SELECT value FROM facts WHERE name = 'indexedAt'"),
  );
  return fact.success ? new Date(fact.data.value) : null;
}
