/** @module Exports that are written while others review and workers go on. */
import { expect } from "@std/expect";
import { caseTable, measure } from "../../../dashboard/exports/case_rows.ts";
import { reviewTable } from "../../../dashboard/exports/review_rows.ts";
import {
  emptyHome,
  putFinishedRun,
  putReview,
} from "../../shared/catalog/homes.ts";

const RUN = "20260101T000000Z-aaaaaa";

/** Cases `c1` to `c250`, each with a review. */
async function homeWithReviews() {
  const home = emptyHome();
  const dice = Array.from({ length: 250 }, () => 0.5);
  await putFinishedRun(home.store, RUN, dice);
  for (const n of dice.keys()) {
    await putReview(home.store, { runId: RUN, caseId: `c${n + 1}` });
  }
  await home.refresh();
  return home;
}

const caseIds = (rows: Iterable<readonly unknown[]>) =>
  [...rows].map(([, caseId]) => String(caseId));

Deno.test("reviewTable() has each review once, whatever is reviewed meanwhile", async () => {
  const { store, catalog, refreshRun } = await homeWithReviews();
  const rows = reviewTable(catalog, RUN).rows[Symbol.iterator]();
  const first = Array.from({ length: 200 }, () => rows.next().value!);
  for (const [n, reviewer] of ["ben", "cleo", "dora"].entries()) {
    await putReview(store, { runId: RUN, caseId: `c${n + 1}`, reviewer });
  }
  await refreshRun(RUN);
  const ids = caseIds([...first, ...{ [Symbol.iterator]: () => rows }]);
  expect(ids).toHaveLength(250);
  expect(new Set(ids).size).toBe(250);
  expect([...reviewTable(catalog, RUN).rows]).toHaveLength(253);
  catalog.close();
});

Deno.test("caseTable() has each case of each class once, with its figures", async () => {
  const { catalog } = await homeWithReviews();
  const classes = ["tumour", "node"];
  const { head, rows } = caseTable(catalog, { runId: RUN, classes });
  const all = [...rows];
  expect(all).toHaveLength(500);
  expect(new Set(caseIds(all)).size).toBe(250);
  expect(all[0]![head.indexOf("dice")]).toBe(0.5);
  catalog.close();
});

Deno.test("measure() keeps six digits, all of those before the point, and whole numbers as they are", () => {
  expect(
    [
      1689.7920000000001,
      0.8712345678,
      -0.000012345678,
      1234567.89,
      123456789,
      0.1 + 0.2,
      null,
    ].map(measure),
  ).toEqual([1689.79, 0.871235, -0.0000123457, 1234568, 123456789, 0.3, null]);
});
