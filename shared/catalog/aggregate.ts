/**
 * What is told of the cases of a run that are in one fold, class by class: worked out once when they are indexed.
 * @module
 */
import { z } from "zod";
import { bootstrapMeanInterval, intervalSchema } from "../metrics/bootstrap.ts";
import type { Outcome } from "../metrics/case_metrics.ts";
import { percentile } from "../metrics/percentile.ts";
import {
  describe,
  type Observation,
  statisticsSchema,
  SUMMARISED,
  type SummarisedMetric,
} from "../metrics/summary.ts";

/** A metric over cases. Beside each mean stands how many cases it counts and leaves out, and why. */
export const spreadSchema = statisticsSchema.extend({
  min: z.number().nullable(),
  lowerQuartile: z.number().nullable(),
  upperQuartile: z.number().nullable(),
  max: z.number().nullable(),
  /** The 95 % bootstrap interval of the mean; null for fewer than two values, and for metrics that have none. */
  ci95: intervalSchema.nullable(),
});
export type Spread = z.infer<typeof spreadSchema>;

export const aggregateSchema = z.strictObject({
  nCompared: z.int().min(0),
  nMissed: z.int().min(0),
  nFalseAlarm: z.int().min(0),
  nBothEmpty: z.int().min(0),
  metrics: z.record(z.enum(SUMMARISED), spreadSchema),
  /** Dice over cases with tumour in the reference; `metrics.dice` is over all cases. */
  diceWithTumour: spreadSchema,
  /** Resamples that the intervals were drawn with. */
  resamples: z.int().min(1),
});
export type Aggregate = z.infer<typeof aggregateSchema>;

/** Metrics whose means are compared by eye, and so need an interval. */
const WITH_INTERVAL: ReadonlySet<SummarisedMetric> = new Set(
  [
    "dice",
    "hd95Mm",
    "assdMm",
    "rvd",
    "lesionRecall",
    "lesionPrecision",
    "falsePositiveMl",
    "falseNegativeMl",
  ] as const,
);

const SEED = 1;

/**
 * Draws for one interval: some ten milliseconds. 10,000 resamples for up to 100 cases; of more cases fewer, as
 * the ends of an interval vary with its width, which shrinks.
 */
const MOST_DRAWS = 1_000_000;
const FEWEST_RESAMPLES = 1000;
const MOST_RESAMPLES = 10_000;

export function resamplesFor(n: number): number {
  return Math.min(
    MOST_RESAMPLES,
    Math.max(FEWEST_RESAMPLES, Math.floor(MOST_DRAWS / Math.max(1, n))),
  );
}

/**
 * Summarises the cases as a run's summary does. Their order does not matter.
 *
 * @param breathe awaited between metrics
 */
export async function aggregate(
  cases: readonly Observation[],
  breathe: () => Promise<void>,
): Promise<Aggregate> {
  const resamples = resamplesFor(cases.length);
  const metrics: Partial<Record<SummarisedMetric, Spread>> = {};
  for (const metric of SUMMARISED) {
    metrics[metric] = spreadOf(cases, metric, resamples);
    if (WITH_INTERVAL.has(metric)) await breathe();
  }
  const count = (wanted: Outcome) =>
    cases.filter(({ outcome }) => outcome === wanted).length;
  const withTumour = cases.filter(({ outcome }) =>
    outcome === "compared" || outcome === "missed"
  );
  return aggregateSchema.parse({
    nCompared: count("compared"),
    nMissed: count("missed"),
    nFalseAlarm: count("falseAlarm"),
    nBothEmpty: count("bothEmpty"),
    metrics,
    diceWithTumour: spreadOf(withTumour, "dice", resamples),
    resamples,
  });
}

function spreadOf(
  cases: readonly Observation[],
  metric: SummarisedMetric,
  resamples: number,
): Spread {
  // Sorted, so that no order of the cases draws or rounds differently.
  const sorted = Float64Array.from(
    cases.map(({ values }) => values[metric]).filter((value) => value !== null),
  ).sort();
  const at = (percent: number) =>
    sorted.length === 0 ? null : percentile(sorted, percent);
  return {
    ...describe(cases, metric),
    min: at(0),
    lowerQuartile: at(25),
    upperQuartile: at(75),
    max: at(100),
    ci95: WITH_INTERVAL.has(metric)
      ? bootstrapMeanInterval([...sorted], { seed: SEED, resamples })
      : null,
  };
}
