import { expect } from "@std/expect";
import { Random } from "../../../../shared/imaging/phantom/random.ts";

function draw(seed: number, index: number, count = 4): number[] {
  const random = new Random(seed, index);
  return Array.from({ length: count }, () => random.uniform(0, 1));
}

Deno.test("Random gives other numbers for every seed and case", () => {
  const firsts = new Set<number>();
  for (let seed = 0; seed < 20; seed++) {
    for (let index = 0; index < 5; index++) firsts.add(draw(seed, index)[0]!);
  }
  expect(firsts.size).toBe(100);
  expect(draw(3, 4)).toEqual(draw(3, 4));
});

Deno.test("Random.gaussian() has mean 0, variance 1 and a bell's share within one deviation", () => {
  const random = new Random(1, 0);
  const values = Array.from({ length: 100_000 }, () => random.gaussian());
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + value * value, 0) /
    values.length;
  const within = values.filter((value) => Math.abs(value) < 1).length /
    values.length;
  expect(mean).toBeCloseTo(0, 1);
  expect(variance).toBeCloseTo(1, 1);
  expect(Math.abs(within - 0.683)).toBeLessThan(0.03);
});

Deno.test("Random.integer() reaches both ends", () => {
  const random = new Random(1, 0);
  const seen = new Set(
    Array.from({ length: 200 }, () => random.integer(2, 4)),
  );
  expect([...seen].sort()).toEqual([2, 3, 4]);
});

Deno.test("Random.pick() refuses to pick from nothing", () => {
  expect(() => new Random(1, 0).pick([])).toThrow(RangeError);
});
