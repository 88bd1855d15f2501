/**
 * Metrics of many cases, summarised so that no mean can flatter: beside each stands how many cases it
 * counts and how many it leaves out, and why.
 * @module
 */
import { z } from "zod";
import type {
  CaseMetrics,
  ComparedClassMetrics,
  MaskClassMetrics,
  Outcome,
} from "./case_metrics.ts";

/** The metrics summarised, named as in a case's metrics. */
export const SUMMARISED = [
  "dice",
  "iou",
  "hd95Mm",
  "hdMm",
  "assdMm",
  "nsd2mm",
  "rvd",
  "sensitivity",
  "precision",
  "volumeMl",
  "referenceVolumeMl",
  "lesionRecall",
  "lesionPrecision",
  "falsePositiveMl",
  "falseNegativeMl",
  "suvMax",
  "suvMean",
  "suvPeak",
  "tlgSuvMl",
] as const;
export type SummarisedMetric = typeof SUMMARISED[number];

export const statisticsSchema = z.strictObject({
  /** Measured cases with a value. */
  nCounted: z.int().min(0),
  /** Measured cases without one: the metric is undefined there, or they have no label. */
  nExcluded: z.int().min(0),
  /** Of counted and excluded cases, those with tumour in the reference and an empty mask. */
  nMissed: z.int().min(0),
  /** Of counted and excluded cases, those with an empty reference and tumour in the mask. */
  nFalseAlarm: z.int().min(0),
  mean: z.number().nullable(),
  /** Sample standard deviation (n - 1); null for fewer than two values. */
  sd: z.number().min(0).nullable(),
  median: z.number().nullable(),
});
export type Statistics = z.infer<typeof statisticsSchema>;

const metricsSchema = z.record(z.enum(SUMMARISED), statisticsSchema);

export const classSummarySchema = z.strictObject({
  name: z.string(),
  nCompared: z.int().min(0),
  nMissed: z.int().min(0),
  nFalseAlarm: z.int().min(0),
  nBothEmpty: z.int().min(0),
  metrics: metricsSchema,
  /** Dice over cases with tumour in the reference; `metrics.dice` is over all cases. */
  diceWithTumour: statisticsSchema,
});
export type ClassSummary = z.infer<typeof classSummarySchema>;

export const summarySchema = z.strictObject({
  /** Measured cases. With `nFailed` and `nMissing`, which no mean counts, all that were expected. */
  nMeasured: z.int().min(0),
  nFailed: z.int().min(0),
  nMissing: z.int().min(0),
  /** Measured cases that have a label. */
  nLabelled: z.int().min(0),
  /** One entry per foreground class; none where no case was measured. */
  classes: z.array(classSummarySchema),
});
export type Summary = z.infer<typeof summarySchema>;

/** Expected cases that have no metrics. */
export interface Unmeasured {
  readonly nFailed: number;
  readonly nMissing: number;
}

/**
 * Summarises the metrics of the cases that have them, per class. Cases that failed or are missing count
 * in no mean; they are shown beside.
 *
 * @throws {RangeError} when the cases were measured for different classes.
 */
export function summarise(
  cases: readonly CaseMetrics[],
  { nFailed, nMissing }: Unmeasured,
): Summary {
  const names = cases[0]?.classes.map(({ name }) => name) ?? [];
  for (const { classes } of cases) requireClasses(names, classes);
  return {
    nMeasured: cases.length,
    nFailed,
    nMissing,
    nLabelled: cases.filter(({ labelled }) => labelled).length,
    classes: names.map((name, index) => summariseClass(name, cases, index)),
  };
}

function requireClasses(
  names: readonly string[],
  classes: readonly { readonly name: string }[],
): void {
  const own = classes.map(({ name }) => name);
  if (own.length !== names.length || own.some((name, n) => name !== names[n])) {
    throw new RangeError(
      `Cannot summarise cases of different classes: ${names.join(", ")} and ${
        own.join(", ")
      }`,
    );
  }
}

/** What is summarised of one class of one case; null where it is undefined. */
export interface Observation {
  readonly outcome: Outcome | null;
  readonly values: Readonly<Record<SummarisedMetric, number | null>>;
}

function summariseClass(
  name: string,
  cases: readonly CaseMetrics[],
  index: number,
): ClassSummary {
  const all = cases.flatMap((metrics) => observeClasses(metrics)[index] ?? []);
  const withTumour = all.filter(({ outcome }) =>
    outcome === "compared" || outcome === "missed"
  );
  const metrics = SUMMARISED.map((metric) => [metric, describe(all, metric)]);
  return {
    name,
    nCompared: countOutcome(all, "compared"),
    nMissed: countOutcome(all, "missed"),
    nFalseAlarm: countOutcome(all, "falseAlarm"),
    nBothEmpty: countOutcome(all, "bothEmpty"),
    metrics: metricsSchema.parse(Object.fromEntries(metrics)),
    diceWithTumour: describe(withTumour, "dice"),
  };
}

/** What is summarised of a case, by class. */
export function observeClasses(metrics: CaseMetrics): Observation[] {
  return metrics.labelled
    ? metrics.classes.map((one) => observe(one, one))
    : metrics.classes.map((one) => observe(one, null));
}

function observe(
  { volumeMl, pet }: Pick<MaskClassMetrics, "volumeMl" | "pet">,
  comparison: ComparedClassMetrics | null,
): Observation {
  return {
    outcome: comparison?.outcome ?? null,
    values: {
      dice: comparison?.dice ?? null,
      iou: comparison?.iou ?? null,
      hd95Mm: comparison?.hd95Mm ?? null,
      hdMm: comparison?.hdMm ?? null,
      assdMm: comparison?.assdMm ?? null,
      nsd2mm: comparison?.nsd2mm ?? null,
      rvd: comparison?.rvd ?? null,
      sensitivity: comparison?.sensitivity ?? null,
      precision: comparison?.precision ?? null,
      volumeMl,
      referenceVolumeMl: comparison?.referenceVolumeMl ?? null,
      lesionRecall: comparison?.lesions.recall ?? null,
      lesionPrecision: comparison?.lesions.precision ?? null,
      falsePositiveMl: comparison?.lesions.falsePositiveMl ?? null,
      falseNegativeMl: comparison?.lesions.falseNegativeMl ?? null,
      suvMax: pet.suvMax,
      suvMean: pet.suvMean,
      suvPeak: pet.suvPeak,
      tlgSuvMl: pet.tlgSuvMl,
    },
  };
}

function countOutcome(
  observations: readonly Observation[],
  wanted: Outcome,
): number {
  return observations.filter(({ outcome }) => outcome === wanted).length;
}

/** One metric over cases; their order does not matter. */
export function describe(
  observations: readonly Observation[],
  metric: SummarisedMetric,
): Statistics {
  const values = observations.map((observation) => observation.values[metric])
    .filter((value) => value !== null)
    .sort((a, b) => a - b);
  const n = values.length;
  const mean = n === 0 ? null : sum(values) / n;
  return {
    nCounted: n,
    nExcluded: observations.length - n,
    nMissed: countOutcome(observations, "missed"),
    nFalseAlarm: countOutcome(observations, "falseAlarm"),
    mean,
    sd: mean === null || n < 2
      ? null
      : Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (n - 1)),
    median: n === 0
      ? null
      : (values[Math.floor((n - 1) / 2)]! + values[Math.floor(n / 2)]!) / 2,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
