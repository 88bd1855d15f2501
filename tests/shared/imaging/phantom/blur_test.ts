import { expect } from "@std/expect";
import {
  blur,
  gaussianWeights,
} from "../../../../shared/imaging/phantom/blur.ts";

const NONE = Float64Array.of(1);

Deno.test("gaussianWeights() falls to half at half the width, and sums to 1", () => {
  const weights = gaussianWeights(8, 1);
  expect(weights[4]! / weights[0]!).toBeCloseTo(0.5, 3);
  const sum = weights.reduce((total, weight) => total + 2 * weight, 0);
  expect(sum - weights[0]!).toBeCloseTo(1, 12);
});

Deno.test("gaussianWeights() follows the exponential function", () => {
  const weights = gaussianWeights(6, 4);
  const sigma = 6 / Math.sqrt(8 * Math.log(2)) / 4;
  weights.forEach((weight, n) => {
    const expected = Math.exp(-n * n / (2 * sigma * sigma));
    expect(weight / weights[0]!).toBeCloseTo(expected, 2);
  });
});

Deno.test("gaussianWeights() of a spread far below the voxels leaves values as they are", () => {
  const weights = gaussianWeights(0.4, 4);
  expect(weights[0]).toBeCloseTo(1, 12);
});

for (const axis of [0, 1, 2] as const) {
  Deno.test(`blur() spreads a point along axis ${axis} by the weights`, () => {
    const shape = [5, 5, 5] as const;
    const data = new Float32Array(125);
    data[2 * 25 + 2 * 5 + 2] = 8;
    const weights: [Float64Array, Float64Array, Float64Array] = [
      NONE,
      NONE,
      NONE,
    ];
    weights[axis] = Float64Array.of(0.5, 0.25);
    blur(data, shape, weights);
    const step = [25, 5, 1][axis]!;
    const expected = new Float32Array(125);
    expected.set([2], 62 - step);
    expected.set([4], 62);
    expected.set([2], 62 + step);
    expect(data).toEqual(expected);
  });
}

Deno.test("blur() goes on with the outermost voxels beyond the edges", () => {
  const data = Float32Array.of(4, 0, 0);
  blur(data, [1, 1, 3], [NONE, NONE, Float64Array.of(0.5, 0.25)]);
  expect([...data]).toEqual([3, 1, 0]);
});

Deno.test("blur() leaves an even volume even, wider than one chunk too", () => {
  const data = new Float32Array(3 * 2 * 300).fill(2);
  const weights = gaussianWeights(6, 4);
  blur(data, [3, 2, 300], [weights, weights, weights]);
  expect(data.every((value) => Math.abs(value - 2) < 1e-5)).toBe(true);
});
