import { expect } from "@std/expect";
import fc from "fast-check";
import {
  signedRankSchema,
  wilcoxonSignedRank,
} from "../../../shared/metrics/wilcoxon.ts";

/** 1 to n, every `period`th negative from the first. */
function alternating(n: number, period: number): number[] {
  return Array.from({ length: n }, (_, i) => (i % period ? 1 : -1) * (i + 1));
}

function expectP(differences: readonly number[], wanted: number): void {
  const p = wilcoxonSignedRank(differences)?.p ?? NaN;
  expect(Math.abs(p - wanted)).toBeLessThanOrEqual(1e-12 * wanted);
}

Deno.test("wilcoxonSignedRank() ranks what a person can rank", () => {
  // Ranks 1, 2, 3; positive 1 + 2, negative 3: the very middle.
  expect(wilcoxonSignedRank([1, 2, -3])).toEqual({ statistic: 3, p: 1, n: 3 });
  // Of 32 ways to choose five signs, one has no negative sum and one no positive sum.
  expect(wilcoxonSignedRank([0.5, 0.1, 0.2, 0.9, 0.3]))
    .toEqual({ statistic: 0, p: 2 / 32, n: 5 });
  // Of three, {} and {1} have a sum of 1 at most: 2 of 8, twice.
  expect(wilcoxonSignedRank([-1, 20, 300]))
    .toEqual({ statistic: 1, p: 0.5, n: 3 });
});

Deno.test("wilcoxonSignedRank() says nothing where nothing differs", () => {
  expect(wilcoxonSignedRank([])).toBeNull();
  expect(wilcoxonSignedRank([0, -0, 0])).toBeNull();
  expect(wilcoxonSignedRank([3])).toEqual({ statistic: 0, p: 1, n: 1 });
});

Deno.test("wilcoxonSignedRank() equals SciPy's exact p", () => {
  // wilcoxon(d, zero_method="wilcox", method="exact") of SciPy 1.17.1.
  const cureton = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75];
  expect(wilcoxonSignedRank(cureton))
    .toEqual({ statistic: 24, p: 0.041259765625, n: 15 });
  expect(wilcoxonSignedRank([0, 1, 2, -3, 4, 5.5, 0, 6]))
    .toEqual({ statistic: 3, p: 0.15625, n: 6 });
  expectP(alternating(25, 3), 0.23036134243011475);
});

Deno.test("wilcoxonSignedRank() equals SciPy's approximation with ties and many differences", () => {
  // wilcoxon(d, zero_method="wilcox", correction=True, method="asymptotic") of SciPy 1.17.1.
  expectP([1, 1, -1, 2, 2, -3, 4, 4, 5, -2], 0.1825661844682832);
  expectP([2, -2], 1);
  expectP([0, 0, -1, -1, 2, 0, -2, -2], 0.40762594770278093);
  expectP(alternating(26, 3), 0.14072874277056632);
  expectP(alternating(60, 7), 1.5032169552466753e-6);
  expectP(alternating(200, 200).map(Math.abs), 1.4470017348102398e-34);
  const zerosAndTies = Array.from(
    { length: 40 },
    (_, i) => (i % 2 ? -1 : 1) * (i % 9),
  );
  expectP(zerosAndTies, 0.9542002540781779);
});

Deno.test("wilcoxonSignedRank() ranks infinite differences alike, above all finite ones", () => {
  const { statistic, n } = wilcoxonSignedRank([Infinity, -1, 2, Infinity, 3])!;
  expect({ statistic, n }).toEqual({ statistic: 1, n: 5 });
  expectP([Infinity, -1, 2, Infinity, 3], 0.10405923452892792);
  expect(wilcoxonSignedRank([-Infinity, -1, 2, Infinity, 3]))
    .toEqual(wilcoxonSignedRank([-99, -1, 2, 99, 3]));
});

Deno.test("wilcoxonSignedRank() refuses NaN", () => {
  expect(() => wilcoxonSignedRank([1, NaN])).toThrow(RangeError);
});

const DIFFERENCES = fc.array(fc.integer({ min: -40, max: 40 }), {
  maxLength: 60,
});

Deno.test("wilcoxonSignedRank() counts all choices of signs where p is exact", () => {
  const untied = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), {
    minLength: 1,
    maxLength: 9,
  }).chain((sizes) =>
    fc.tuple(
      fc.constant(sizes),
      fc.array(fc.boolean(), {
        minLength: sizes.length,
        maxLength: sizes.length,
      }),
    )
  ).map(([sizes, signs]) => sizes.map((size, i) => signs[i] ? size : -size));
  fc.assert(fc.property(untied, (differences) => {
    const n = differences.length;
    const ranks = differences.map((one) =>
      differences.filter((other) => Math.abs(other) <= Math.abs(one)).length
    );
    const half = n * (n + 1) / 4;
    const sumOf = (isPositive: (i: number) => boolean) =>
      ranks.reduce((sum, rank, i) => sum + (isPositive(i) ? rank : 0), 0);
    const seen = Math.abs(sumOf((i) => differences[i]! > 0) - half);
    let asExtreme = 0;
    for (let signs = 0; signs < 2 ** n; signs++) {
      const sum = sumOf((i) => (signs >> i & 1) === 1);
      if (Math.abs(sum - half) >= seen) asExtreme++;
    }
    const result = wilcoxonSignedRank(differences)!;
    expect(result.p).toBeCloseTo(asExtreme / 2 ** n, 12);
    expect(result.statistic).toBe(half - seen);
  }));
});

Deno.test("wilcoxonSignedRank() depends on ranks and signs alone", () => {
  fc.assert(fc.property(DIFFERENCES, (differences) => {
    const result = wilcoxonSignedRank(differences);
    for (
      const same of [
        differences.map((d) => -d),
        differences.map((d) => d ** 3),
        differences.toReversed(),
        [0, ...differences, 0],
      ]
    ) expect(wilcoxonSignedRank(same)).toEqual(result);
    if (result) expect(signedRankSchema.parse(result)).toEqual(result);
  }));
});
