import { expect } from "@std/expect";
import { percentile } from "../../../shared/metrics/percentile.ts";

Deno.test("percentile() interpolates between neighbours", () => {
  const sorted = Float64Array.of(10, 20, 40);
  const percents = [0, 25, 50, 75, 95, 100];
  const values = percents.map((percent) => percentile(sorted, percent));
  expect(values).toEqual([10, 15, 20, 30, 38, 40]);
  expect(percentile(Float64Array.of(7), 95)).toBe(7);
});
