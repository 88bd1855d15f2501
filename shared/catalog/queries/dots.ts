/** @module One dot per case, for charts. */
import { z } from "zod";
import { outcomeSchema } from "../../metrics/case_metrics.ts";
import type { Figure } from "../figures.ts";
import type { Catalog } from "../open_catalog.ts";
import { measureId } from "../schema.ts";
import { foldOf } from "./case_row.ts";
import { allOf, sql } from "./condition.ts";
import { type Scope, sourceOf } from "./scope.ts";

export const MOST_DOTS = 2000;

export const dotsSchema = z.strictObject({
  /** In order of their values. */
  dots: z.array(z.strictObject({
    runId: z.string(),
    caseId: z.string(),
    checkpoint: z.string(),
    fold: z.int().min(0).nullable(),
    outcome: outcomeSchema.nullable(),
    value: z.number(),
  })),
  /** Cases with a value: where there are more than dots, the dots are evenly spaced among them in order of their values. */
  total: z.int().min(0),
  isSampled: z.boolean(),
});
export type Dots = z.infer<typeof dotsSchema>;

/**
 * The values of a figure, at most so many. A sample holds the lowest and keeps the shape of the distribution; the
 * same cases always give the same.
 */
export function dots(
  catalog: Catalog,
  scope: Scope,
  figure: Figure,
  most = MOST_DOTS,
): Dots {
  // Stands in the text: a bound number would be no whole one there.
  if (!Number.isInteger(most) || most < 1 || most > MOST_DOTS) {
    throw new RangeError(
      `Cannot show ${most} dots: a whole number from 1 to ${MOST_DOTS} is needed`,
    );
  }
  const { tables, condition } = sourceOf(catalog, scope);
  const where = allOf([condition, sql(`m.${figure} IS NOT NULL`)]);
  const rows = catalog.all(
    `SELECT r.folder AS runId, c.caseId, k.key AS checkpoint, c.fold, m.outcome, chosen.value, chosen.total
     FROM (
       SELECT c.id, m.classIndex, m.${figure} AS value, count(*) OVER () AS total,
         row_number() OVER (ORDER BY m.${figure}, c.caseId, r.folder) - 1 AS place
       FROM ${tables.text} WHERE ${where.text}
     ) AS chosen
     JOIN cases c ON c.id = chosen.id JOIN runs r ON r.id = c.runId JOIN checkpoints k ON k.id = r.checkpointId
     JOIN measures m ON m.id = ${measureId("chosen.id", "chosen.classIndex")}
     WHERE chosen.place = 0 OR chosen.place * ${most} / chosen.total != (chosen.place - 1) * ${most} / chosen.total
     ORDER BY chosen.place`,
    ...tables.values,
    ...where.values,
  );
  const total = Number(rows[0]?.total ?? 0);
  return dotsSchema.parse({
    dots: rows.map(({ total: _, ...row }) => ({
      ...row,
      fold: foldOf(row.fold),
    })),
    total,
    isSampled: total > rows.length,
  });
}
