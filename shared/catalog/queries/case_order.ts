/** @module Filters and orders of case lists. */
import { z } from "zod";
import { outcomeSchema } from "../../metrics/case_metrics.ts";
import { reviewVerdictSchema } from "../../runs/reviews.ts";
import { FIGURES } from "../figures.ts";
import { allOf, holds, type Sql, sql, when } from "./condition.ts";

export const caseFilterSchema = z.strictObject({
  state: z.enum(["done", "failed", "damaged", "open"]).optional(),
  outcome: outcomeSchema.optional(),
  /** `none`: not reviewed yet; `disputed`: reviewers differ, whatever the newest one says. */
  verdict: z.enum([...reviewVerdictSchema.options, "none", "disputed"])
    .optional(),
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
          : wanted === "disputed"
          ? sql("c.isDisputed = 1")
          : sql("c.verdict = ?", wanted),
    ),
    when(search, (text) => holds(text, ["c.caseId", "c.patientId"])),
  ]);
}

export interface CaseOrder {
  /** What stands after `ORDER BY`; leaves no two cases undecided. */
  readonly text: string;
  /**
   * The number that decides first, and which way; null: it is no number. Cases without it come last, those of the same
   * number are in no order yet.
   */
  readonly number:
    | { readonly column: string; readonly isAscending: boolean }
    | null;
  readonly needsFigures: boolean;
}

export function orderOf(sort: CaseSort = { by: "worst" }): CaseOrder {
  const { by, direction } = caseSortSchema.parse(sort);
  const isAscending = direction === "ascending";
  const [way, other] = isAscending ? ["ASC", "DESC"] : ["DESC", "ASC"];
  const ties = "c.caseId, r.folder";
  switch (by) {
    case "caseId":
      return {
        text: `c.caseId ${way}, r.folder`,
        number: null,
        needsFigures: false,
      };
    case "state":
    case "verdict":
    case "endedAt":
      return {
        text: `c.${by} ${way} NULLS LAST, ${ties}`,
        number: null,
        needsFigures: false,
      };
    case "seconds":
      return {
        text: `c.${by} ${way} NULLS LAST, ${ties}`,
        number: { column: `c.${by}`, isAscending },
        needsFigures: false,
      };
    case "worst":
      return {
        text:
          `m.dice ${way} NULLS LAST, m.volumeMl ${other} NULLS LAST, ${ties}`,
        number: { column: worstNumber(isAscending), isAscending },
        needsFigures: true,
      };
    default:
      return {
        text: `m.${by} ${way} NULLS LAST, ${ties}`,
        number: { column: `m.${by}`, isAscending },
        needsFigures: true,
      };
  }
}

/** The Dice, and beyond all of these, where there is none, what falls or rises with the volume. */
function worstNumber(isAscending: boolean): string {
  const start = isAscending ? "1.0" : "-2.0";
  return `iif(m.dice IS NULL, ${start} + 1.0 / (1.0 + m.volumeMl), m.dice)`;
}
