/** @module Two runs on the same cases. */
import {
  type ComparedClassMetrics,
  outcomeSchema,
} from "../../metrics/case_metrics.ts";
import {
  compareCases,
  type ComparedCase,
  type Comparison,
} from "../../metrics/compare.ts";
import { petUnitSchema } from "../../metrics/pet.ts";
import type { Catalog, Row } from "../open_catalog.ts";
import { figuresSchema } from "./case_row.ts";
import { FIGURES } from "../figures.ts";

/**
 * Compares the labelled cases of two runs; null where one of them is not known.
 *
 * @throws {RangeError} when they measured other classes, or a case's label is empty in one of them only.
 */
export function compareRuns(
  catalog: Catalog,
  before: string,
  after: string,
): Comparison | null {
  const [first, second] = [before, after].map((runId) =>
    labelledCases(catalog, runId)
  );
  return first && second ? compareCases(first, second) : null;
}

function labelledCases(
  catalog: Catalog,
  runId: string,
): ComparedCase[] | null {
  const run = catalog.get(
    "SELECT id, classes FROM runs WHERE folder = ?",
    runId,
  );
  if (run === undefined) return null;
  const names: string[] = JSON.parse(String(run.classes));
  const cases = new Map<string, ComparedCase>();
  const rows = catalog.all(
    `SELECT c.caseId, c.unit, m.* FROM cases c JOIN measures m ON m.caseRow = c.id
     WHERE c.runId = ? AND c.isLabelled = 1 ORDER BY c.id, m.classIndex`,
    Number(run.id),
  );
  for (const row of rows) {
    const caseId = String(row.caseId);
    const unit = petUnitSchema.parse(row.unit);
    const known = cases.get(caseId)?.metrics.classes ?? [];
    const own = classOf(row, names[Number(row.classIndex)] ?? "");
    const classes = [...known, own];
    cases.set(caseId, { caseId, metrics: { labelled: true, unit, classes } });
  }
  return [...cases.values()];
}

/** Figures as they were measured; single lesions, which no comparison looks at, are not in the index. */
function classOf(row: Row, name: string): ComparedClassMetrics {
  const figures = figuresSchema.parse(
    Object.fromEntries(FIGURES.map((figure) => [figure, row[figure]])),
  );
  const { suvMax, suvMean, suvPeak, tlgSuvMl } = figures;
  const { hd95Mm, hdMm, assdMm, nsd2mm, rvd, sensitivity, precision } = figures;
  return {
    name,
    outcome: outcomeSchema.parse(row.outcome),
    volumeMl: figures.volumeMl ?? 0,
    referenceVolumeMl: figures.referenceVolumeMl ?? 0,
    dice: figures.dice ?? 0,
    iou: figures.iou ?? 0,
    ...{ hd95Mm, hdMm, assdMm, nsd2mm, rvd, sensitivity, precision },
    lesions: {
      referenceCount: figures.referenceLesions ?? 0,
      predictedCount: figures.predictedLesions ?? 0,
      recall: figures.lesionRecall,
      precision: figures.lesionPrecision,
      falsePositiveMl: figures.falsePositiveMl ?? 0,
      falseNegativeMl: figures.falseNegativeMl,
      reference: [],
      predicted: [],
    },
    pet: { mtvMl: figures.mtvMl ?? 0, suvMax, suvMean, suvPeak, tlgSuvMl },
  };
}
