import { expect } from "@std/expect";
import fc from "fast-check";
import { Random } from "../../../shared/imaging/phantom/random.ts";
import {
  bootstrapMeanInterval,
  meanOf,
} from "../../../shared/metrics/bootstrap.ts";
import { percentile } from "../../../shared/metrics/percentile.ts";

const SEED = 7;

Deno.test("bootstrapMeanInterval() of equal values is that value", () => {
  expect(bootstrapMeanInterval([0.1, 0.1, 0.1], { seed: SEED }))
    .toEqual([0.1, 0.1]);
});

Deno.test("bootstrapMeanInterval() says nothing of fewer than two values", () => {
  expect(bootstrapMeanInterval([], { seed: SEED })).toBeNull();
  expect(bootstrapMeanInterval([-1], { seed: SEED })).toBeNull();
});

Deno.test("bootstrapMeanInterval() refuses values that are not finite", () => {
  expect(() => bootstrapMeanInterval([1, Infinity], { seed: SEED }))
    .toThrow("Cannot resample values: one of them is Infinity");
});

Deno.test("bootstrapMeanInterval() agrees with all resamples there are", () => {
  const values = [-0.9, -0.2, 0.1, 0.3, 0.4, 1.1];
  const means = new Float64Array(6 ** 6);
  for (let code = 0; code < means.length; code++) {
    for (let draw = 0; draw < 6; draw++) {
      means[code]! += values[Math.floor(code / 6 ** draw) % 6]! / 6;
    }
  }
  means.sort();
  for (const seed of [0, 1, -1, 2 ** 31 - 1]) {
    const [low, high] = bootstrapMeanInterval(values, { seed })!;
    // Of 10,000 resamples, the share below a percentile of all has a standard deviation of 0.16 %.
    expect(low).toBeGreaterThanOrEqual(percentile(means, 2));
    expect(low).toBeLessThanOrEqual(percentile(means, 3));
    expect(high).toBeGreaterThanOrEqual(percentile(means, 97));
    expect(high).toBeLessThanOrEqual(percentile(means, 98));
  }
});

Deno.test("bootstrapMeanInterval() agrees with SciPy's", () => {
  // deno-fmt-ignore
  const values = [
    0.02, -0.11, 0.05, -0.31, 0.01, -0.04, 0.00, -0.62, 0.03, -0.08, 0.07, -0.02,
  ];
  // bootstrap((values,), np.mean, n_resamples=100000, method="percentile") of SciPy 1.17.1.
  const [low, high] = bootstrapMeanInterval(values, { seed: SEED })!;
  expect(Math.abs(low + 0.2033)).toBeLessThan(0.006);
  expect(Math.abs(high - 0.005)).toBeLessThan(0.002);
});

Deno.test("bootstrapMeanInterval() holds the true mean in about 95 % of samples", () => {
  const samples = 400;
  const random = new Random(SEED, 0);
  let held = 0;
  for (let seed = 0; seed < samples; seed++) {
    const values = Array.from({ length: 60 }, () => 3 + random.gaussian());
    const [low, high] = bootstrapMeanInterval(values, {
      seed,
      resamples: 1000,
    })!;
    if (low <= 3 && 3 <= high) held++;
  }
  // A share of 400 has a standard deviation of 1.1 %.
  expect(held / samples).toBeGreaterThan(0.91);
  expect(held / samples).toBeLessThan(0.98);
});

const VALUES = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
  minLength: 2,
  maxLength: 20,
});

Deno.test("bootstrapMeanInterval() is the same for one seed, moves with the values, and lies within them", () => {
  const options = { seed: SEED, resamples: 500 };
  fc.assert(fc.property(VALUES, (values) => {
    const [low, high] = bootstrapMeanInterval(values, options)!;
    expect(bootstrapMeanInterval(values, options)).toEqual([low, high]);
    const negated = bootstrapMeanInterval(values.map((v) => -v), options)!;
    expect(negated[0]).toBeCloseTo(-high, 12);
    expect(negated[1]).toBeCloseTo(-low, 12);
    const moved = bootstrapMeanInterval(values.map((v) => 2 * v + 3), options)!;
    expect(moved[0]).toBeCloseTo(2 * low + 3, 12);
    expect(moved[1]).toBeCloseTo(2 * high + 3, 12);
    expect(low).toBeLessThanOrEqual(high);
    expect(low).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12);
    expect(high).toBeLessThanOrEqual(Math.max(...values) + 1e-12);
  }));
});

Deno.test("meanOf() is exact for equal values and null of none", () => {
  expect(meanOf([0.1, 0.1, 0.1])).toBe(0.1);
  expect(meanOf([1, 2, 6])).toBe(3);
  expect(meanOf([])).toBeNull();
});
