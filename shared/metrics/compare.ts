/**
 * Two checkpoints compared on the same cases, case by case: which is better, how surely, and which cases
 * changed. Differences are after minus before; wins and losses are those of "after".
 * @module
 */
import { z } from "zod";
import {
  bootstrapMeanInterval,
  type BootstrapOptions,
  intervalSchema,
  meanOf,
  RESAMPLES,
} from "./bootstrap.ts";
import {
  type ComparedClassMetrics,
  type Outcome,
  outcomeSchema,
} from "./case_metrics.ts";
import { signedRankSchema, wilcoxonSignedRank } from "./wilcoxon.ts";

/** What of a class is compared. */
export type ComparedFigures = Pick<
  ComparedClassMetrics,
  "name" | "outcome" | "dice" | "hd95Mm" | "assdMm" | "rvd"
>;

/** One case as one of the checkpoints segmented it. */
export interface ComparedCase {
  readonly caseId: string;
  readonly metrics: {
    /** One entry per foreground class, in the classes' order. */
    readonly classes: readonly ComparedFigures[];
  };
}

/** The sign of a difference that is a gain, by metric. */
const GAIN = { dice: 1, hd95Mm: -1, assdMm: -1, rvd: -1 } as const;
type PairedMetric = keyof typeof GAIN;

export const pairedMetricSchema = z.strictObject({
  /** Cases where both sides have a value: those of the means and of the interval. */
  n: z.int().min(0),
  meanBefore: z.number().nullable(),
  meanAfter: z.number().nullable(),
  meanDifference: z.number().nullable(),
  /** Of the mean difference, by bootstrap; null for fewer than two cases. */
  ci95: intervalSchema.nullable(),
  /** Null where no case differs, or there is none. A value on one side only is a difference above any finite one. */
  wilcoxon: signedRankSchema.nullable(),
  /** Cases where "after" is better, or alone has a value. With losses and ties, all but those without any value. */
  nWins: z.int().min(0),
  nLosses: z.int().min(0),
  nTies: z.int().min(0),
});
export type PairedMetricComparison = z.infer<typeof pairedMetricSchema>;

const caseDifferenceSchema = z.strictObject({
  caseId: z.string(),
  diceBefore: z.number().min(0).max(1),
  diceAfter: z.number().min(0).max(1),
  /** The Dice lost: before minus after. */
  harm: z.number().min(-1).max(1),
});
export type CaseDifference = z.infer<typeof caseDifferenceSchema>;

export const flipSchema = caseDifferenceSchema.extend({
  from: outcomeSchema,
  to: outcomeSchema,
});
/** A case whose outcome changed: tumour found or missed, a clean case clean or with a false alarm. */
export type Flip = z.infer<typeof flipSchema>;

export const verdictSchema = z.enum(["worse", "better", "same", "tooFew"]);
/**
 * Whether the interval of the mean Dice difference lies below 0, above 0, or neither; `tooFew`: fewer than two cases
 * are on both sides, which have no interval.
 */
export type Verdict = z.infer<typeof verdictSchema>;

export const classComparisonSchema = z.strictObject({
  name: z.string(),
  /** Cases on both sides; nothing else counts others. */
  n: z.int().min(0),
  nOnlyBefore: z.int().min(0),
  nOnlyAfter: z.int().min(0),
  metrics: z.strictObject({
    dice: pairedMetricSchema,
    hd95Mm: pairedMetricSchema,
    assdMm: pairedMetricSchema,
    rvd: pairedMetricSchema,
  }),
  verdict: verdictSchema,
  /** The most harmful first. */
  flips: z.array(flipSchema),
  /** All cases, the most harmful first. */
  worst: z.array(caseDifferenceSchema),
});
export type ClassComparison = z.infer<typeof classComparisonSchema>;

export const comparisonSchema = z.strictObject({
  /** What the intervals were drawn with. */
  seed: z.int(),
  resamples: z.int().min(1),
  /** One entry per foreground class; none where there is no case at all. */
  classes: z.array(classComparisonSchema),
});
export type Comparison = z.infer<typeof comparisonSchema>;

export interface CompareOptions {
  /** A 32-bit whole number; @default 1 */
  readonly seed?: number;
  /** Drawn for each interval; @default 10,000 */
  readonly resamples?: number;
}

/**
 * Compares two checkpoints on the cases that both segmented, class by class. The order of the cases does
 * not matter. A miss and a false alarm have a Dice of 0, so that every case counts in the verdict; a
 * distance that one side alone lacks is that side's loss in ranks and counts, and is in no mean.
 *
 * @throws {RangeError} when a side holds a case twice, the cases were measured for different classes, or a
 * case's reference is empty on one side only.
 */
export function compareCases(
  before: readonly ComparedCase[],
  after: readonly ComparedCase[],
  { seed = 1, resamples = RESAMPLES }: CompareOptions = {},
): Comparison {
  const names = classNames([...before, ...after]);
  const metricsAfter = byCase(after);
  const metricsBefore = byCase(before);
  const shared = [...metricsBefore.keys()].filter((id) => metricsAfter.has(id))
    .sort(byCodeUnits);
  return {
    seed,
    resamples,
    classes: names.map((name, index) => {
      const pairs = shared.map((caseId) =>
        pairUp(
          caseId,
          metricsBefore.get(caseId)!.classes[index]!,
          metricsAfter.get(caseId)!.classes[index]!,
        )
      );
      return {
        name,
        n: shared.length,
        nOnlyBefore: before.length - shared.length,
        nOnlyAfter: after.length - shared.length,
        ...comparePairs(pairs, { seed, resamples }),
      };
    }),
  };
}

/**
 * The mean Dice over cases and classes, a miss and a false alarm counting 0; null without cases. It ranks
 * checkpoints fairly only where each has metrics of the same cases.
 */
export function meanDice(
  cases: readonly Pick<ComparedCase, "metrics">[],
): number | null {
  const values = cases.flatMap(({ metrics }) =>
    metrics.classes.map(({ dice }) => dice)
  );
  // Sorted, so that no order of the cases rounds differently.
  return meanOf(values.sort((a, b) => a - b));
}

/** One class of one case, on both sides. */
interface Pair {
  readonly caseId: string;
  readonly before: ComparedFigures;
  readonly after: ComparedFigures;
}

function classNames(cases: readonly ComparedCase[]): string[] {
  const namesOf = ({ metrics }: ComparedCase) =>
    metrics.classes.map(({ name }) => name);
  const names = cases[0] ? namesOf(cases[0]) : [];
  for (const one of cases) {
    const own = namesOf(one);
    if (JSON.stringify(own) !== JSON.stringify(names)) {
      throw new RangeError(
        `Cannot compare cases of different classes: ${names.join(", ")} and ${
          own.join(", ")
        } (case "${one.caseId}")`,
      );
    }
  }
  return names;
}

function byCase(
  cases: readonly ComparedCase[],
): Map<string, ComparedCase["metrics"]> {
  const metrics = new Map<string, ComparedCase["metrics"]>();
  for (const { caseId, metrics: own } of cases) {
    if (metrics.has(caseId)) {
      throw new RangeError(
        `Cannot compare cases: "${caseId}" is twice on one side`,
      );
    }
    metrics.set(caseId, own);
  }
  return metrics;
}

function pairUp(
  caseId: string,
  before: ComparedFigures,
  after: ComparedFigures,
): Pair {
  if (hasTumour(before.outcome) !== hasTumour(after.outcome)) {
    throw new RangeError(
      `Cannot compare class "${before.name}" of case "${caseId}": its reference is empty on one side ` +
        `only (${before.outcome} before, ${after.outcome} after)`,
    );
  }
  return { caseId, before, after };
}

/** Whether the reference holds the class. */
function hasTumour(outcome: Outcome): boolean {
  return outcome === "compared" || outcome === "missed";
}

function comparePairs(
  pairs: readonly Pair[],
  drawn: BootstrapOptions,
): Pick<ClassComparison, "metrics" | "verdict" | "flips" | "worst"> {
  const dice = compareMetric(pairs, "dice", drawn);
  return {
    metrics: {
      dice,
      hd95Mm: compareMetric(pairs, "hd95Mm", drawn),
      assdMm: compareMetric(pairs, "assdMm", drawn),
      rvd: compareMetric(pairs, "rvd", drawn),
    },
    verdict: verdictOf(dice),
    flips: pairs
      .filter(({ before, after }) => before.outcome !== after.outcome)
      .map((pair) => ({
        ...differenceOf(pair),
        from: pair.before.outcome,
        to: pair.after.outcome,
      }))
      .sort(byHarm),
    worst: pairs.map(differenceOf).sort(byHarm),
  };
}

function compareMetric(
  pairs: readonly Pair[],
  metric: PairedMetric,
  drawn: BootstrapOptions,
): PairedMetricComparison {
  const valuesBefore: number[] = [];
  const valuesAfter: number[] = [];
  const finite: number[] = [];
  const ranked: number[] = [];
  for (const { before: { [metric]: a }, after: { [metric]: b } } of pairs) {
    if (a !== null && b !== null) {
      valuesBefore.push(a);
      valuesAfter.push(b);
      finite.push(b - a);
      ranked.push(b - a);
    } else if (a !== null) {
      ranked.push(-GAIN[metric] * Infinity);
    } else if (b !== null) {
      ranked.push(GAIN[metric] * Infinity);
    }
  }
  const signs = ranked.map((difference) => Math.sign(difference));
  return {
    n: finite.length,
    meanBefore: meanOf(valuesBefore),
    meanAfter: meanOf(valuesAfter),
    meanDifference: meanOf(finite),
    ci95: bootstrapMeanInterval(finite, drawn),
    wilcoxon: wilcoxonSignedRank(ranked),
    nWins: signs.filter((sign) => sign === GAIN[metric]).length,
    nLosses: signs.filter((sign) => sign === -GAIN[metric]).length,
    nTies: signs.filter((sign) => sign === 0).length,
  };
}

function verdictOf({ ci95 }: PairedMetricComparison): Verdict {
  if (ci95 === null) return "tooFew";
  const [low, high] = ci95;
  return high < 0 ? "worse" : low > 0 ? "better" : "same";
}

function differenceOf({ caseId, before, after }: Pair): CaseDifference {
  return {
    caseId,
    diceBefore: before.dice,
    diceAfter: after.dice,
    harm: before.dice - after.dice,
  };
}

/** Cases of equal harm stay in the order of their ids. */
function byHarm(a: CaseDifference, b: CaseDifference): number {
  return b.harm - a.harm;
}

/** The same order on every machine, whatever its language. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
