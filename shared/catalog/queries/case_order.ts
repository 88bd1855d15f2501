/** @module Filters and orders of case lists. */
import { z } from "zod";
import { outcomeSchema } from "../../metrics/case_metrics.ts";
import { reviewVerdictSchema } from "../../runs/reviews.ts";
import { FIGURES } from "../figures.ts";
import { allOf, type Sql, sql, when } from "./condition.ts";
import { holds } from "./page.ts";

export const caseFilterSchema = z.strictObject({
  state: z.enum(["done", "failed", "open"]).optional(),
  outcome: outcomeSchema.optional(),
  /** `none`: not reviewed yet. */
  verdict: z.union([reviewVerdictSchema, z.literal("none")]).optional(),
  /** Part of the case's or the patient's id, in any case of letters. */
  search: z.string().max(200).optional(),
});
export type CaseFilter = z.infer<typeof caseFilterSchema>;

/** `worst`: lowest Dice first, and of cases without label the largest volume; what has no figures comes last. */
export const caseSortSchema = z.strictObject({
  by: z.enum([
    "worst",
    "caseId",
    "state",
    "verdict",
    "endedAt",
    "seconds",
    ...FIGURES,
  ]),
  direction: z.enum(["ascending", "descending"]).default("ascending"),
});
export type CaseSort = z.input<typeof caseSortSchema>;

export function filterOf(
  { state, outcome, verdict, search }: CaseFilter,
): Sql {
  return allOf([
    when(state, (wanted) => sql("c.state = ?", wanted)),
    when(outcome, (wanted) => sql("m.outcome = ?", wanted)),
    when(
      verdict,
      (wanted) =>
        wanted === "none"
          ? sql("c.verdict IS NULL")
          : sql("c.verdict = ?", wanted),
    ),
    when(search, (text) => {
      const pattern = holds(text);
      return sql(
        "c.caseId LIKE ? ESCAPE '\\' OR c.patientId LIKE ? ESCAPE '\\'",
        pattern,
        pattern,
      );
    }),
  ]);
}

/** What stands after `ORDER BY`; leaves no two cases undecided. */
export function orderOf(sort: CaseSort = { by: "worst" }): string {
  const { by, direction } = caseSortSchema.parse(sort);
  const way = direction === "ascending" ? "ASC" : "DESC";
  const other = direction === "ascending" ? "DESC" : "ASC";
  const ties = "c.caseId, r.folder";
  if (by === "caseId") return `c.caseId ${way}, r.folder`;
  if (by === "worst") {
    return `m.dice ${way} NULLS LAST, m.volumeMl ${other} NULLS LAST, ${ties}`;
  }
  const isOfCase = ["state", "verdict", "endedAt", "seconds"].includes(by);
  return `${isOfCase ? "c" : "m"}.${by} ${way} NULLS LAST, ${ties}`;
}
