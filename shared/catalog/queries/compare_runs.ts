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

export const compareOptionsSchema = z.strictObject({
  /** Cases that one of the two was trained on: figures of them tell what it remembers. @default none */
  leaveOut: z.enum(["trainedOn"]).optional(),
});
export type CompareOptions = z.infer<typeof compareOptionsSchema>;

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
  { leaveOut }: CompareOptions = {},
): Comparison | null {
  const leftOut = leaveOut === undefined ? [] : [before, after];
  const first = labelledCases(catalog, before, leftOut);
  const second = labelledCases(catalog, after, leftOut);
  if (first === null || second === null) return null;
  const most = Math.min(first.length, second.length);
  return compareCases(first, second, { resamples: resamplesFor(most) });
}

/** Cases `t` that the checkpoints of some runs, by the names of their folders in a JSON array, were trained on. */
const TRAINED_ON = `
  json_each(?) AS named CROSS JOIN runs n ON n.folder = named.value
  CROSS JOIN groups g ON g.runId = n.id AND g.classIndex = 0 AND g.seen = 'yes'
  CROSS JOIN cases t ON t.runId = g.runId AND t.fold = g.fold`;

/** The ids of the labelled cases of both runs that one of the two was trained on. */
export function comparedTrainedOn(
  catalog: Catalog,
  before: string,
  after: string,
): string[] {
  const folder = "(SELECT id FROM runs WHERE folder = ?)";
  return catalog.all(
    `SELECT DISTINCT t.caseId FROM ${TRAINED_ON}
     JOIN cases b ON b.runId = ${folder} AND b.caseId = t.caseId AND b.isLabelled = 1 AND b.state = 'done'
     JOIN cases a ON a.runId = ${folder} AND a.caseId = t.caseId AND a.isLabelled = 1 AND a.state = 'done'
     ORDER BY t.caseId`,
    JSON.stringify([before, after]),
    before,
    after,
  ).map(({ caseId }) => String(caseId));
}

/** What changes with the cases of a run and what is known of them, and how many of them have a label; null where it is not known. */
export function comparedVersion(
  catalog: Catalog,
  runId: string,
): { readonly version: string; readonly nLabelled: number } | null {
  const row = catalog.get(
    `SELECT id, recordId, changedAt, isFinished, nDone, nDamaged, nLabelled,
       (SELECT json_group_array(fold) FROM groups g WHERE g.runId = r.id AND g.seen = 'yes') AS trainedOn
     FROM runs r WHERE folder = ?`,
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

/** @param leftOut runs: without what any of them was trained on */
function labelledCases(
  catalog: Catalog,
  runId: string,
  leftOut: readonly string[],
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
     WHERE c.runId = ? AND c.isLabelled = 1 AND c.caseId NOT IN (SELECT t.caseId FROM ${TRAINED_ON})
     ORDER BY c.id, m.classIndex`,
    Number(run.id),
    JSON.stringify(leftOut),
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
