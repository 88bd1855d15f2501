/** The Wilcoxon signed-rank test of paired differences. @module */
import { z } from "zod";
import { normalTail } from "./normal.ts";

/** Up to so many untied differences the p value is exact. */
const EXACT_UP_TO = 25;

export const signedRankSchema = z.strictObject({
  /** The smaller of the rank sums of the positive and of the negative differences. */
  statistic: z.number().min(0),
  /** Two-sided. */
  p: z.number().min(0).max(1),
  /** Differences that are not zero. */
  n: z.int().min(1),
});
export type SignedRank = z.infer<typeof signedRankSchema>;

/**
 * Tests whether differences lie symmetrically about zero, two-sided; null where all are zero or there are
 * none. Zeros are dropped (Wilcoxon, Biometrics Bulletin 1(6), 1945) and ties get their mean rank; ±Infinity
 * ranks above every finite difference. Up to 25 differences without ties p is exact, and equals
 * `scipy.stats.wilcoxon(d, zero_method="wilcox", method="exact").pvalue`; otherwise it is the normal
 * approximation, corrected for ties and for continuity, and equals
 * `scipy.stats.wilcoxon(d, zero_method="wilcox", correction=True, method="asymptotic").pvalue`
 * (SciPy before 1.9 says `mode` instead of `method`, and `"approx"` instead of `"asymptotic"`).
 *
 * @throws {RangeError} when a difference is NaN.
 */
export function wilcoxonSignedRank(
  differences: readonly number[],
): SignedRank | null {
  if (differences.some(Number.isNaN)) {
    throw new RangeError("Cannot rank differences: one of them is NaN");
  }
  // Infinity less Infinity is NaN, which a sort takes for 0.
  const sorted = differences.filter((difference) => difference !== 0)
    .sort((a, b) => Math.abs(a) - Math.abs(b));
  const n = sorted.length;
  if (n === 0) return null;
  const { positive, tieSizes } = rankSums(sorted);
  const statistic = Math.min(positive, n * (n + 1) / 2 - positive);
  const exact = n <= EXACT_UP_TO && tieSizes.length === 0;
  const p = exact ? exactP(statistic, n) : approximateP(statistic, n, tieSizes);
  return { statistic, p: Math.min(p, 1), n };
}

/** The rank sum of the positive differences, and how many differences share each shared rank. */
function rankSums(
  sorted: readonly number[],
): { positive: number; tieSizes: number[] } {
  let positive = 0;
  const tieSizes: number[] = [];
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    while (Math.abs(sorted[end] ?? NaN) === Math.abs(sorted[start]!)) end++;
    const meanRank = (start + 1 + end) / 2;
    const nPositive = sorted.slice(start, end).filter((d) => d > 0).length;
    positive += meanRank * nPositive;
    if (end - start > 1) tieSizes.push(end - start);
  }
  return { positive, tieSizes };
}

/** Twice the share of the 2^n ways to choose signs whose rank sum is `statistic` at most. */
function exactP(statistic: number, n: number): number {
  // ways[sum]: how many sets of the ranks 1 to n have that sum.
  const ways = new Float64Array(n * (n + 1) / 2 + 1);
  ways[0] = 1;
  for (let rank = 1; rank <= n; rank++) {
    for (let sum = ways.length - 1; sum >= rank; sum--) {
      ways[sum]! += ways[sum - rank]!;
    }
  }
  const asExtreme = ways.subarray(0, statistic + 1)
    .reduce((total, count) => total + count, 0);
  return 2 * asExtreme / 2 ** n;
}

function approximateP(
  statistic: number,
  n: number,
  tieSizes: readonly number[],
): number {
  const mean = n * (n + 1) / 4;
  const ties = tieSizes.reduce((total, t) => total + t ** 3 - t, 0);
  const variance = (n * (n + 1) * (2 * n + 1) - ties / 2) / 24;
  const distance = Math.max(mean - statistic - 0.5, 0);
  return 2 * normalTail(distance / Math.sqrt(variance));
}
