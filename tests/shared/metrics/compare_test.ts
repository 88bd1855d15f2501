import { expect } from "@std/expect";
import fc from "fast-check";
import {
  type ComparedClassMetrics,
  measureCase,
} from "../../../shared/metrics/case_metrics.ts";
import {
  type ClassComparison,
  compareCases,
  type ComparedCase,
  comparisonSchema,
  meanDice,
} from "../../../shared/metrics/compare.ts";
import { volume } from "./volumes.ts";

/** A mask of one row of voxels, drawn: `#` inside, `.` outside. */
function row(drawing: string) {
  const data = Uint8Array.from(drawing, (mark) => mark === "#" ? 1 : 0);
  return volume(data, [1, 1, drawing.length]);
}

/** A case of one row of voxels. */
function drawn(caseId: string, mask: string, label: string): ComparedCase {
  const metrics = measureCase({
    mask: row(mask),
    label: row(label),
    unit: "unknown",
    classes: ["background", "tumour"],
  });
  return { caseId, metrics };
}

/** A case with figures of one's own. */
function withFigures(
  caseId: string,
  figures: Partial<ComparedClassMetrics>,
): ComparedCase {
  const { metrics } = drawn(caseId, "##", "##");
  const classes = metrics.classes.map((own) => ({ ...own, ...figures }));
  return { caseId, metrics: { ...metrics, classes } };
}

function withDice(values: readonly number[]): ComparedCase[] {
  return values.map((dice, n) => withFigures(`case-${n}`, { dice }));
}

/** The comparison of the only class. */
function compareOne(
  before: readonly ComparedCase[],
  after: readonly ComparedCase[],
  seed = 1,
): ClassComparison {
  const comparison = compareCases(before, after, { seed });
  expect(comparisonSchema.parse(JSON.parse(JSON.stringify(comparison))))
    .toEqual(comparison);
  expect(comparison.classes).toHaveLength(1);
  return comparison.classes[0]!;
}

Deno.test("compareCases() counts differences, wins and losses", () => {
  const { metrics: { dice, hd95Mm }, n, name } = compareOne(
    [
      withFigures("a", { dice: 0.5, hd95Mm: 4 }),
      withFigures("b", { dice: 0.5, hd95Mm: 10 }),
      withFigures("c", { dice: 0.75, hd95Mm: 1 }),
    ],
    [
      withFigures("c", { dice: 0.75, hd95Mm: 1 }),
      withFigures("b", { dice: 0.25, hd95Mm: 16 }),
      withFigures("a", { dice: 1, hd95Mm: 1 }),
    ],
  );
  expect({ name, n }).toEqual({ name: "tumour", n: 3 });
  expect(dice).toMatchObject({
    n: 3,
    wilcoxon: { statistic: 1, p: 1, n: 2 },
    nWins: 1,
    nLosses: 1,
    nTies: 1,
  });
  expect(dice.meanBefore).toBeCloseTo(1.75 / 3, 15);
  expect(dice.meanAfter).toBeCloseTo(2 / 3, 15);
  expect(dice.meanDifference).toBeCloseTo(0.25 / 3, 15);
  expect(hd95Mm).toMatchObject({
    n: 3,
    meanBefore: 5,
    meanAfter: 6,
    meanDifference: 1,
    nWins: 1,
    nLosses: 1,
    nTies: 1,
  });
});

Deno.test("compareCases() calls a checkpoint worse, better or the same by the interval of Dice", () => {
  const half = withDice([0.5, 0.5, 0.5, 0.5]);
  const lower = compareOne(half, withDice([0.4, 0.3, 0.45, 0.49]));
  expect(lower.verdict).toBe("worse");
  expect(lower.metrics.dice.ci95![1]).toBeLessThan(0);
  const higher = compareOne(half, withDice([0.6, 0.7, 0.55, 0.51]));
  expect(higher.verdict).toBe("better");
  expect(higher.metrics.dice.ci95![0]).toBeGreaterThan(0);
  const mixed = compareOne(half, withDice([0.6, 0.3, 0.55, 0.4]));
  expect(mixed.verdict).toBe("same");
  const unchanged = compareOne(half, half);
  expect(unchanged.verdict).toBe("same");
  expect(unchanged.metrics.dice).toMatchObject({
    meanDifference: 0,
    ci95: [0, 0],
    wilcoxon: null,
    nTies: 4,
  });
});

Deno.test("compareCases() takes no verdict from one case", () => {
  const { verdict, metrics: { dice } } = compareOne(
    withDice([1]),
    withDice([0]),
  );
  expect(verdict).toBe("tooFew");
  expect(dice).toMatchObject({
    n: 1,
    meanDifference: -1,
    ci95: null,
    wilcoxon: { n: 1, p: 1 },
  });
});

Deno.test("compareCases() compares the cases of both sides and counts the others", () => {
  const { n, nOnlyBefore, nOnlyAfter, worst, metrics: { dice } } = compareOne(
    [...withDice([0.5, 0.5]), withFigures("old", { dice: 0 })],
    [
      ...withDice([0.5, 0.75]),
      withFigures("new", { dice: 0 }),
      withFigures("newer", { dice: 0 }),
    ],
  );
  expect({ n, nOnlyBefore, nOnlyAfter })
    .toEqual({ n: 2, nOnlyBefore: 1, nOnlyAfter: 2 });
  expect(worst.map(({ caseId }) => caseId)).toEqual(["case-0", "case-1"]);
  expect(dice).toMatchObject({ n: 2, meanBefore: 0.5, meanAfter: 0.625 });
});

Deno.test("compareCases() compares nothing where no case is on both sides", () => {
  expect(compareCases([], []).classes).toEqual([]);
  const { n, nOnlyBefore, verdict, metrics, worst, flips } = compareOne(
    withDice([0.5]),
    [],
  );
  expect({ n, nOnlyBefore, verdict, worst, flips }).toEqual({
    n: 0,
    nOnlyBefore: 1,
    verdict: "tooFew",
    worst: [],
    flips: [],
  });
  expect(metrics.dice).toEqual({
    n: 0,
    meanBefore: null,
    meanAfter: null,
    meanDifference: null,
    ci95: null,
    wilcoxon: null,
    nWins: 0,
    nLosses: 0,
    nTies: 0,
  });
});

Deno.test("compareCases() counts a distance that one side lacks as its loss, in ranks and not in means", () => {
  const { metrics: { dice, hd95Mm, assdMm, rvd } } = compareOne([
    drawn("both", "#....", "..#.."),
    drawn("clean", "#....", "....."),
    drawn("found", ".....", "..#.."),
    drawn("lost", "..#..", "..#.."),
    drawn("lost-too", ".#...", "..#.."),
    drawn("neither", ".....", "..#.."),
  ], [
    drawn("both", ".#...", "..#.."),
    drawn("clean", ".....", "....."),
    drawn("found", "..#..", "..#.."),
    drawn("lost", ".....", "..#.."),
    drawn("lost-too", ".....", "..#.."),
    drawn("neither", ".....", "..#.."),
  ]);
  // Ranks: 1 for the millimetre won, 3 for each of the three that one side lacks.
  const distance = {
    n: 1,
    meanBefore: 2,
    meanAfter: 1,
    meanDifference: -1,
    ci95: null,
    wilcoxon: { statistic: 4, n: 4 },
    nWins: 2,
    nLosses: 2,
    nTies: 0,
  };
  expect(hd95Mm).toMatchObject(distance);
  expect(assdMm).toMatchObject(distance);
  expect(dice).toMatchObject({ n: 6, nWins: 2, nLosses: 1, nTies: 3 });
  // All five with a reference: a miss has a volume difference of 1, a single voxel one of 0.
  expect(rvd).toMatchObject({
    n: 5,
    meanBefore: 0.4,
    meanAfter: 0.6,
    nWins: 1,
    nLosses: 2,
    nTies: 2,
  });
});

Deno.test("compareCases() lists the cases that flipped, the most harmful first", () => {
  const before = [
    drawn("alarm", "....", "...."),
    drawn("found", "....", "##.."),
    drawn("kept", "##..", "##.."),
    drawn("missed", "###.", "##.."),
    drawn("quiet", "#...", "...."),
    drawn("worse", "##..", "##.."),
  ];
  const after = [
    drawn("alarm", "#...", "...."),
    drawn("found", "##..", "##.."),
    drawn("kept", "##..", "##.."),
    drawn("missed", "....", "##.."),
    drawn("quiet", "....", "...."),
    drawn("worse", "#...", "##.."),
  ];
  const { flips, worst } = compareOne(before, after);
  const alarm = { caseId: "alarm", diceBefore: 1, diceAfter: 0, harm: 1 };
  const missed = { caseId: "missed", diceBefore: 0.8, diceAfter: 0, harm: 0.8 };
  const found = { caseId: "found", diceBefore: 0, diceAfter: 1, harm: -1 };
  const quiet = { caseId: "quiet", diceBefore: 0, diceAfter: 1, harm: -1 };
  expect(flips).toEqual([
    { ...alarm, from: "bothEmpty", to: "falseAlarm" },
    { ...missed, from: "compared", to: "missed" },
    { ...found, from: "missed", to: "compared" },
    { ...quiet, from: "falseAlarm", to: "bothEmpty" },
  ]);
  expect(worst.map(({ caseId }) => caseId))
    .toEqual(["alarm", "missed", "worse", "kept", "found", "quiet"]);
  expect(worst[1]).toEqual(missed);
});

Deno.test("compareCases() compares class by class", () => {
  const of = (caseId: string, values: readonly [number, number]) => {
    const { metrics } = drawn(caseId, "##", "##");
    const [own] = metrics.classes;
    const classes = ["liver", "lung"].map((name, n) => ({
      ...own!,
      name,
      dice: values[n]!,
    }));
    return { caseId, metrics: { ...metrics, classes } };
  };
  const before = [of("a", [0.5, 0.5]), of("b", [0.5, 0.5])];
  const after = [of("a", [0.4, 0.9]), of("b", [0.3, 0.6])];
  expect(
    compareCases(before, after).classes.map(({ name, verdict }) => [
      name,
      verdict,
    ]),
  ).toEqual([["liver", "worse"], ["lung", "better"]]);
  expect(meanDice(after)).toBeCloseTo(0.55, 12);
});

Deno.test("compareCases() refuses cases that cannot be compared", () => {
  const one = withDice([1]);
  expect(() => compareCases([...one, ...one], one))
    .toThrow('Cannot compare cases: "case-0" is twice on one side');
  expect(() => compareCases(one, [withFigures("case-0", { name: "lung" })]))
    .toThrow("Cannot compare cases of different classes: tumour and lung");
  expect(() => compareCases([drawn("a", "#", "#")], [drawn("a", "#", ".")]))
    .toThrow(
      'Cannot compare class "tumour" of case "a": its reference is empty on one side only ' +
        "(compared before, falseAlarm after)",
    );
});

const DRAWING = fc.string({
  unit: fc.constantFrom("#", "."),
  minLength: 5,
  maxLength: 5,
});

Deno.test("compareCases() with sides exchanged says the contrary, whatever the cases' order", () => {
  const cases = fc.array(fc.tuple(DRAWING, DRAWING, DRAWING), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(cases, (drawings) => {
      const before = drawings.map(([mask, , label], n) =>
        drawn(`${n}`, mask, label)
      );
      const after = drawings.map(([, mask, label], n) =>
        drawn(`${n}`, mask, label)
      );
      const there = compareCases(before, after);
      expect(compareCases(before.toReversed(), after)).toEqual(there);
      const back = compareCases(after, before);
      for (const [index, own] of there.classes.entries()) {
        const other = back.classes[index]!;
        const contrary = {
          worse: "better",
          better: "worse",
          same: "same",
          tooFew: "tooFew",
        };
        expect(other.verdict).toBe(contrary[own.verdict]);
        expect(other.flips).toHaveLength(own.flips.length);
        for (const metric of ["dice", "hd95Mm", "assdMm", "rvd"] as const) {
          const [a, b] = [own.metrics[metric], other.metrics[metric]];
          expect(b.wilcoxon).toEqual(a.wilcoxon);
          expect([b.nWins, b.nLosses, b.nTies])
            .toEqual([a.nLosses, a.nWins, a.nTies]);
          expect(b.meanBefore).toEqual(a.meanAfter);
          expect(-(b.meanDifference ?? 0))
            .toBeCloseTo(a.meanDifference ?? 0, 12);
          expect(b.ci95 === null).toBe(a.ci95 === null);
          expect(-(b.ci95?.[1] ?? 0)).toBeCloseTo(a.ci95?.[0] ?? 0, 12);
        }
      }
    }),
    { numRuns: 30 },
  );
});

Deno.test("compareCases() gives one interval for one seed, and nearly the same for another", () => {
  const before = withDice(Array.from({ length: 40 }, (_, n) => (n % 10) / 10));
  const after = withDice(Array.from({ length: 40 }, (_, n) => (n % 7) / 7));
  const interval = (seed: number) =>
    compareOne(before, after, seed).metrics.dice.ci95!;
  expect(interval(3)).toEqual(interval(3));
  expect(interval(4)).not.toEqual(interval(3));
  expect(Math.abs(interval(4)[0] - interval(3)[0])).toBeLessThan(0.01);
});

Deno.test("meanDice() counts misses and false alarms as 0", () => {
  expect(meanDice([])).toBeNull();
  expect(meanDice([
    drawn("right", "##..", "##.."),
    drawn("missed", "....", "##.."),
    drawn("clean", "....", "...."),
    drawn("alarm", "#...", "...."),
  ])).toBe(0.5);
});
