/** @module Which figures a scan can have. */
import { expect } from "@std/expect";
import { hasPlausibleFigures } from "../../../shared/metrics/plausible.ts";
import { resultSchema } from "../../../shared/runs/records.ts";
import { resultOf } from "../../support/runs.ts";
import { measured } from "../catalog/homes.ts";

Deno.test("hasPlausibleFigures() looks at numbers at any depth", () => {
  expect(hasPlausibleFigures({ a: [{ b: 1e15 }, null, "1e300"] })).toBe(true);
  for (const absurd of [1e16, -1e16, 1.7e308, Infinity, NaN]) {
    expect(hasPlausibleFigures({ a: [{ b: absurd }] })).toBe(false);
  }
});

Deno.test("a result with a figure that no scan can have is none, and says why", () => {
  const told = (volumeMl: number) =>
    resultSchema.safeParse(
      resultOf("c1", "attempt", { metrics: measured(volumeMl) }),
    );
  expect(told(8).success).toBe(true);
  expect(told(1e300).error?.issues).toMatchObject([{
    path: ["metrics"],
    message: "A figure is larger than any scan can have",
  }]);
});
