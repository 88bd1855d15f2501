import { expect } from "@std/expect";
import { normalTail } from "../../../shared/metrics/normal.ts";

Deno.test("normalTail() agrees with SciPy's, however small", () => {
  // scipy.stats.norm.sf of SciPy 1.17.1.
  for (
    const [z, tail] of [
      [0, 0.5],
      [0.1, 0.460172162722971],
      [1, 0.15865525393145707],
      [1.959963984540054, 0.025],
      [2, 0.022750131948179195],
      [3, 0.0013498980316300933],
      [5, 2.866515718791933e-7],
      [10, 7.61985302416047e-24],
      [30, 4.906713927147908e-198],
      [Infinity, 0],
      [-1, 0.8413447460685429],
      [-3, 0.9986501019683699],
    ] as const
  ) {
    expect(Math.abs(normalTail(z) - tail)).toBeLessThanOrEqual(1e-12 * tail);
  }
  expect(normalTail(NaN)).toBeNaN();
});

Deno.test("normalTail() has no step where its two formulas meet", () => {
  const [below, above] = [normalTail(2 - 1e-9), normalTail(2)];
  const density = Math.exp(-2) / Math.sqrt(2 * Math.PI);
  expect((below - above) / (1e-9 * density)).toBeCloseTo(1, 5);
});
