/** @module Pages that are narrowed or far down hold what the whole list holds there. */
import { expect } from "@std/expect";
import { openCatalog } from "../../../shared/catalog/open_catalog.ts";
import { caseDetail } from "../../../shared/catalog/queries/case_detail.ts";
import { caseSortSchema } from "../../../shared/catalog/queries/case_order.ts";
import { cases } from "../../../shared/catalog/queries/cases.ts";
import { overview } from "../../../shared/catalog/queries/overview.ts";
import { caseOf } from "../../support/runs.ts";
import { emptyHome, measured, putResult, putRun } from "./homes.ts";

const RUN = "20260101T000000Z-aaaaaa";
/** More than are looked at without picking, and with more of one volume than are picked. */
const CASES = 3400;

/** A run over many cases: of the first thousand each has a volume of its own, of the others many are equal, or none. */
async function largeRun() {
  const { store, catalog, refresh } = emptyHome(openCatalog(":memory:"));
  const ids = Array.from({ length: CASES }, (_, n) => `c${n * 7919 % CASES}`);
  await putRun(store, RUN, { cases: ids.map((id) => caseOf(id)) });
  await putResult(store, RUN, "c0", measured(1));
  await refresh();
  // Written into the index: three thousand records would take longer.
  catalog.run(
    `INSERT INTO measures (id, caseRow, classIndex, volumeMl)
     SELECT id, id, 0, iif(id % 3 = 0, id / 7.0, 2.5) FROM cases WHERE caseId != 'c0' AND id % 50 != 1`,
  );
  catalog.run("UPDATE cases SET seconds = id % 5, state = 'done'");
  return catalog;
}

Deno.test("cases() far down and narrowed are those of the list in order", async () => {
  const catalog = await largeRun();
  const dataset = overview(catalog).items[0]!.dataset.key;
  for (
    const by of ["volumeMl", "dice", "seconds", "caseId", "worst"] as const
  ) {
    for (const direction of caseSortSchema.shape.direction.unwrap().options) {
      const listed = (
        offset: number,
        narrowed = false,
        limit = 200,
        scope: Parameters<typeof cases>[1] = { runId: RUN },
      ) =>
        cases(catalog, scope, {
          sort: { by, direction },
          ...(narrowed && { filter: { search: "c" } }),
          page: { offset, limit },
        });
      const whole: string[] = [];
      for (let offset = 0; offset < CASES; offset += 200) {
        const { items, total } = listed(offset);
        expect(total).toBe(CASES);
        whole.push(...items.map(({ caseId }) => caseId));
      }
      expect(new Set(whole).size).toBe(CASES);
      const neighbour = (n: number) =>
        whole[n] === undefined ? null : { runId: RUN, caseId: whole[n] };
      for (const n of [0, 1700, CASES - 1]) {
        expect(
          caseDetail(catalog, RUN, whole[n]!, {
            scope: { dataset },
            sort: { by, direction },
          }),
        ).toMatchObject({
          position: n + 1,
          total: CASES,
          previous: neighbour(n - 1),
          next: neighbour(n + 1),
        });
      }
      for (const offset of [0, 990, 1000, 1700, 3390, CASES]) {
        const expected = [whole.slice(offset, offset + 30), CASES];
        for (const narrowed of [false, true]) {
          for (const scope of [{ runId: RUN }, { dataset }]) {
            const { items, total } = listed(offset, narrowed, 30, scope);
            expect([items.map(({ caseId }) => caseId), total])
              .toEqual(expected);
          }
        }
      }
    }
  }
});

Deno.test("cases() far down a list are in the order of their values, and those without come last", async () => {
  const catalog = await largeRun();
  const values: (number | null)[] = [];
  for (let offset = 0; offset < CASES; offset += 200) {
    const { items } = cases(catalog, { runId: RUN }, {
      sort: { by: "volumeMl" },
      page: { offset, limit: 200 },
    });
    values.push(...items.map(({ figures }) => figures?.volumeMl ?? null));
  }
  const numbers = values.filter((value) => value !== null);
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(values.slice(numbers.length).every((value) => value === null))
    .toBe(true);
  expect(numbers.length).toBeGreaterThan(3000);
});
