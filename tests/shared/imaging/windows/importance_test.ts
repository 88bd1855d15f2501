import { expect } from "@std/expect";
import { importanceMap } from "../../../../shared/imaging/windows/importance.ts";

Deno.test("importanceMap() is 1 everywhere for constant blending", () => {
  expect([...importanceMap([1, 2, 2], "constant")]).toEqual([1, 1, 1, 1]);
});

Deno.test("importanceMap() is symmetric about the window's centre", () => {
  const map = importanceMap([4, 6, 5], "gaussian");
  expect([...map].reverse()).toEqual([...map]);
});

Deno.test("importanceMap() multiplies one Gaussian per axis with sigma size / 8", () => {
  // Size 2: x is -1/2 and 1/2, sigma 1/4, so exp(-2); size 1: exp(0).
  const map = importanceMap([2, 1, 2], "gaussian");
  for (const weight of map) expect(weight).toBeCloseTo(Math.exp(-4), 8);
  const wide = importanceMap([1, 1, 3], "gaussian");
  expect(wide[1]).toBe(1);
  expect(wide[0]).toBeCloseTo(Math.exp(-1 / (2 * 0.375 ** 2)), 8);
});

Deno.test("importanceMap() raises weights to 1e-3, the corners' value in a large window", () => {
  const map = importanceMap([32, 32, 32], "gaussian");
  expect(map[0]).toBe(Math.fround(1e-3));
  expect(Math.min(...map)).toBe(map[0]);
  const centre = (16 * 32 + 16) * 32 + 16;
  expect(map[centre]).toBeCloseTo(Math.exp(-0.25 / 32) ** 3, 6);
});
