/** @module Two runs on the same cases. */
import { z } from "zod";
import { outcomeSchema } from "../../metrics/case_metrics.ts";
import {
  compareCases,
  type ComparedCase,
  type ComparedFigures,
  type Comparison,
} from "../../metrics/compare.ts";
import { resamplesFor } from "../aggregate.ts";
import type { Catalog } from "../open_catalog.ts";

/**
 * Compares the labelled cases of two runs; null where one of them is not known. Of more than 100 cases fewer resamples
 * are drawn, as aggregates draw them: up to there all is as in a comparison that is kept as a record.
 *
 * @throws {RangeError} when they measured other classes, or a case's label is empty in one of them only.
 */
export function compareRuns(
  catalog: Catalog,
  before: string,
  after: string,
): Comparison | null {
  const first = labelledCases(catalog, before);
  const second = labelledCases(catalog, after);
  if (first === null || second === null) return null;
  const most = Math.min(first.length, second.length);
  return compareCases(first, second, { resamples: resamplesFor(most) });
}

/** What changes with the cases of a run, and how many of them have a label; null where it is not known. */
export function comparedVersion(
  catalog: Catalog,
  runId: string,
): { readonly version: string; readonly nLabelled: number } | null {
  const row = catalog.get(
    "SELECT id, recordId, changedAt, isFinished, nDone, nDamaged, nLabelled FROM runs WHERE folder = ?",
    runId,
  );
  if (row === undefined) return null;
  return {
    version: JSON.stringify(Object.values(row)),
    nLabelled: Number(row.nLabelled),
  };
}

const namesSchema = z.array(z.string());

const figureSchema = z.number().nullable();
const rowSchema = z.object({
  caseId: z.string(),
  classIndex: z.int(),
  outcome: outcomeSchema,
  dice: z.number(),
  hd95Mm: figureSchema,
  assdMm: figureSchema,
  rvd: figureSchema,
});

function labelledCases(
  catalog: Catalog,
  runId: string,
): ComparedCase[] | null {
  const run = catalog.get(
    "SELECT id, classes FROM runs WHERE folder = ?",
    runId,
  );
  if (run === undefined) return null;
  const names = namesSchema.parse(JSON.parse(String(run.classes)));
  const rows = catalog.all(
    `SELECT c.caseId, m.classIndex, m.outcome, m.dice, m.hd95Mm, m.assdMm, m.rvd
     FROM cases c JOIN measures m ON m.caseRow = c.id
     WHERE c.runId = ? AND c.isLabelled = 1 ORDER BY c.id, m.classIndex`,
    Number(run.id),
  );
  const cases = new Map<string, ComparedFigures[]>();
  for (const row of rows) {
    const { caseId, classIndex, ...figures } = rowSchema.parse(row);
    const own = { name: names[classIndex] ?? "", ...figures };
    const classes = cases.get(caseId);
    if (classes === undefined) cases.set(caseId, [own]);
    else classes.push(own);
  }
  return [...cases].map(([caseId, classes]) => ({
    caseId,
    metrics: { classes },
  }));
}
