/** @module How a figure is spread over cases that have no label, and which cases stand out. */
import { z } from "zod";
import { percentile } from "../../metrics/percentile.ts";
import type { Catalog } from "../open_catalog.ts";
import { allOf, sql } from "./condition.ts";
import { type Scope, sourceOf } from "./scope.ts";

export const distributedFigureSchema = z.enum([
  "volumeMl",
  "mtvMl",
  "predictedLesions",
  "suvMax",
  "suvMean",
  "suvPeak",
  "tlgSuvMl",
]);
export type DistributedFigure = z.infer<typeof distributedFigureSchema>;

const outlierSchema = z.strictObject({
  runId: z.string(),
  caseId: z.string(),
  value: z.number(),
  /** How many scaled deviations it is away from the median. */
  deviations: z.number(),
});

export const distributionSchema = z.strictObject({
  nCounted: z.int().min(0),
  /** Measured cases that have no such figure. */
  nExcluded: z.int().min(0),
  min: z.number().nullable(),
  lowerQuartile: z.number().nullable(),
  median: z.number().nullable(),
  upperQuartile: z.number().nullable(),
  max: z.number().nullable(),
  /**
   * Bars of equal width from the lowest to the highest value; a value on an edge is in the upper one. Bars of what is
   * counted are whole numbers wide: one from 2 to 3 holds the 2 alone.
   */
  bars: z.array(z.strictObject({
    from: z.number(),
    to: z.number(),
    n: z.int().min(0),
  })),
  /** What makes an outlier, as a sentence. */
  rule: z.string(),
  /** Null where no case could stand out by the rule. */
  limits: z.tuple([z.number(), z.number()]).nullable(),
  nOutliers: z.int().min(0),
  /** Up to 200, those farthest from the median first. */
  outliers: z.array(outlierSchema),
});
export type Distribution = z.infer<typeof distributionSchema>;

const BARS = 30;
const COUNTED: ReadonlySet<DistributedFigure> = new Set(["predictedLesions"]);
const MOST_OUTLIERS = 200;
const MOST_DEVIATIONS = 3;
/** Makes the median absolute deviation of normal values their standard deviation. */
const MAD_SCALE = 1.4826;

const RULE =
  "A case stands out that is more than 3 scaled median absolute deviations (1.4826 MAD) away from the median; " +
  "where more than half of the cases have the same value, none does";

/**
 * The distribution of a figure. The rule for outliers is that of Leys et al., Detecting outliers: Do not use standard
 * deviation around the mean, use absolute deviation around the median (J. Exp. Soc. Psychol. 49, 2013).
 */
export function distribution(
  catalog: Catalog,
  scope: Scope,
  figure: DistributedFigure,
): Distribution {
  const { tables, condition } = sourceOf(catalog, scope);
  const where = allOf([condition, sql("m.caseRow IS NOT NULL")]);
  const rows = catalog.all(
    `SELECT r.folder AS runId, c.caseId, m.${figure} AS value FROM ${tables.text} WHERE ${where.text}
     ORDER BY c.caseId, r.folder`,
    ...tables.values,
    ...where.values,
  ).map(({ runId, caseId, value }) => ({
    runId: String(runId),
    caseId: String(caseId),
    value,
  }));
  const counted = rows.flatMap(({ value, ...row }) =>
    typeof value === "number" ? [{ ...row, value }] : []
  );
  const sorted = Float64Array.from(counted, ({ value }) => value).sort();
  const at = (percent: number) =>
    sorted.length === 0 ? null : percentile(sorted, percent);
  const median = at(50);
  const scale = median === null ? 0 : MAD_SCALE * medianOf(
    sorted.map((value) => Math.abs(value - median)),
  );
  const reach = MOST_DEVIATIONS * scale;
  const outliers = median === null || scale === 0 ? [] : counted
    .filter(({ value }) => Math.abs(value - median) > reach)
    .map((row) => ({ ...row, deviations: (row.value - median) / scale }))
    .sort((a, b) => Math.abs(b.deviations) - Math.abs(a.deviations));
  return {
    nCounted: counted.length,
    nExcluded: rows.length - counted.length,
    min: at(0),
    lowerQuartile: at(25),
    median,
    upperQuartile: at(75),
    max: at(100),
    bars: barsOf(sorted, COUNTED.has(figure)),
    rule: RULE,
    limits: median === null || scale === 0
      ? null
      : [median - reach, median + reach],
    nOutliers: outliers.length,
    outliers: outliers.slice(0, MOST_OUTLIERS),
  };
}

function medianOf(values: Float64Array): number {
  return percentile(values.sort(), 50);
}

function barsOf(
  sorted: Float64Array,
  isCounted: boolean,
): Distribution["bars"] {
  const low = sorted[0];
  const high = sorted.at(-1);
  if (low === undefined || high === undefined) return [];
  if (low === high) return [{ from: low, to: high, n: sorted.length }];
  const width = isCounted
    ? Math.ceil((high - low + 1) / BARS)
    : (high - low) / BARS;
  const bars = isCounted ? Math.ceil((high - low + 1) / width) : BARS;
  const counts = new Array<number>(bars).fill(0);
  for (const value of sorted) {
    counts[Math.min(bars - 1, Math.floor((value - low) / width))]!++;
  }
  return counts.map((n, bar) => ({
    from: low + bar * width,
    to: low + (bar + 1) * width,
    n,
  }));
}
