/** @module How figures are spread. */
import { expect } from "@std/expect";
import { distribution } from "../../../shared/catalog/queries/distribution.ts";
import { caseOf } from "../../support/runs.ts";
import { emptyHome, measured, putResult, putRun } from "./homes.ts";

const RUN = "20260102T030405Z-000001";

/** The bars of so many lesions in a case each, that hold any. */
async function barsOf(...lesions: number[]) {
  const { store, catalog, refresh } = emptyHome();
  await putRun(store, RUN, { cases: lesions.map((_, n) => caseOf(`c${n}`)) });
  for (const [n, count] of lesions.entries()) {
    await putResult(store, RUN, `c${n}`, measured(1, count));
  }
  await refresh();
  const { bars } = distribution(catalog, { runId: RUN }, "predictedLesions");
  return { bars: bars.length, filled: bars.filter(({ n }) => n > 0) };
}

Deno.test("distribution() has a bar for each number of lesions", async () => {
  expect(await barsOf(1, 2, 2, 4)).toEqual({
    bars: 4,
    filled: [
      { from: 1, to: 2, n: 1 },
      { from: 2, to: 3, n: 2 },
      { from: 4, to: 5, n: 1 },
    ],
  });
});

Deno.test("distribution() has bars of several numbers where one of each would be too many", async () => {
  expect(await barsOf(0, 1, 2, 60)).toEqual({
    bars: 21,
    filled: [
      { from: 0, to: 3, n: 3 },
      { from: 60, to: 63, n: 1 },
    ],
  });
});
