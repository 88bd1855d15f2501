/** @module Queries that read no more than they show, against all cases put in order. */
import { expect } from "@std/expect";
import fc from "fast-check";
import { FIGURES } from "../../../shared/catalog/figures.ts";
import type { Row } from "../../../shared/catalog/open_catalog.ts";
import { caseDetail } from "../../../shared/catalog/queries/case_detail.ts";
import { cases } from "../../../shared/catalog/queries/cases.ts";
import { dots } from "../../../shared/catalog/queries/dots.ts";
import {
  reviewQueue,
  reviewQueueKindSchema,
} from "../../../shared/catalog/queries/review_queue.ts";
import { SAMPLE_KEYS, sampleKey } from "../../../shared/catalog/sample_key.ts";
import { randomIndex } from "./random_index.ts";

const figure = fc.option(fc.integer({ min: 0, max: 4 }), { freq: 3 });
const randomRuns = fc.array(
  fc.record({
    dataset: fc.integer({ min: 0, max: 1 }),
    checkpoint: fc.integer({ min: 0, max: 1 }),
    cases: fc.uniqueArray(
      fc.record({
        name: fc.integer({ min: 0, max: 60 }),
        dice: figure.map((value) => value === null ? null : value / 4),
        volumeMl: figure,
        volumeErrorMl: figure,
        isReviewed: fc.boolean(),
      }),
      { selector: ({ name }) => name, minLength: 1, maxLength: 40 },
    ),
  }),
  { minLength: 1, maxLength: 5 },
);
const RUNS = { numRuns: 30 };

/** Sorted by what is told of each, one after the other. */
function sorted(
  rows: readonly Row[],
  keysOf: (row: Row) => readonly (number | string)[],
): Row[] {
  const order = (a: number | string, b: number | string) =>
    a < b ? -1 : a > b ? 1 : 0;
  return rows.toSorted((a, b) => {
    const others = keysOf(b);
    return keysOf(a).map((key, n) => order(key, others[n]!))
      .find((way) => way !== 0) ?? 0;
  });
}

const nameOf = ({ runId, caseId }: { runId?: unknown; caseId?: unknown }) =>
  `${runId} ${caseId}`;

Deno.test("dots() are the cases of the lowest keys that have a value", async () => {
  await fc.assert(
    fc.asyncProperty(
      randomRuns,
      fc.integer({ min: 1, max: 100 }),
      fc.constantFrom("dice", "volumeMl", "volumeErrorMl"),
      async (runs, most, figure) => {
        const { catalog, rows } = await randomIndex(runs);
        const { dataset, checkpoint, runId } = rows[0]!;
        const some = (wanted: Row) =>
          rows.filter((row) =>
            Object.entries(wanted).every(([key, value]) => row[key] === value)
          );
        for (
          const [scope, own] of [
            [{ dataset: String(dataset) }, some({ dataset })],
            [
              { dataset: String(dataset), checkpoint: String(checkpoint) },
              some({ dataset, checkpoint }),
            ],
            [{ runId: String(runId) }, some({ runId })],
          ] as const
        ) {
          const valued = own.filter((row) => row[figure] !== null);
          const chosen = sorted(valued, ({ caseId, runId }) => [
            sampleKey(String(caseId)),
            String(runId),
          ]).slice(0, most);
          const found = dots(catalog, scope, figure, most);
          expect(found.total).toBe(valued.length);
          expect(found.isSampled).toBe(valued.length > most);
          expect(found.dots.map((dot) => [nameOf(dot), dot.value])).toEqual(
            sorted(chosen, (row) => [
              Number(row[figure]),
              String(row.caseId),
              String(row.runId),
            ]).map((row) => [nameOf(row), row[figure]]),
          );
        }
        catalog.close();
      },
    ),
    RUNS,
  );
});

Deno.test("sampleKey() favours no case: each stretch of keys holds its share of cases", () => {
  const CASES = 10_000;
  const PARTS = 20;
  const counts = new Array<number>(PARTS).fill(0);
  for (let n = 0; n < CASES; n++) {
    const key = sampleKey(`patient_${String(n).padStart(5, "0")}`);
    counts[Math.floor(key / SAMPLE_KEYS * PARTS)]!++;
  }
  // Five standard deviations of a count of 500.
  for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(109);
  expect(sampleKey("a")).toBe(0xca978112);
});

Deno.test("reviewQueue() over runs is all of their open cases in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      randomRuns,
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 0, max: 40 }),
      async (runs, limit, offset) => {
        const { catalog, rows } = await randomIndex(runs);
        const dataset = String(rows[0]!.dataset);
        const checkpoint = String(rows[0]!.checkpoint);
        for (const kind of reviewQueueKindSchema.options) {
          const value = (row: Row) =>
            kind === "newest"
              ? -Number(row.run)
              : kind === "lowestDice"
              ? row.dice as number | null
              : row.volumeErrorMl === null
              ? null
              : -Number(row.volumeErrorMl);
          for (
            const among of [
              {},
              { dataset },
              { dataset, checkpoint },
              { dataset, search: "1" },
            ]
          ) {
            const { search = "", ...wanted } = among;
            const own = rows.filter((row) =>
              row.verdict === null && value(row) !== null &&
              String(row.caseId).includes(search) &&
              Object.entries(wanted).every(([key, one]) => row[key] === one)
            );
            const ordered = sorted(own, (row) => [value(row)!, Number(row.id)]);
            const found = reviewQueue(catalog, kind, {
              among,
              page: { offset, limit },
            });
            expect(found.map(nameOf)).toEqual(
              ordered.slice(offset, offset + limit).map(nameOf),
            );
          }
        }
        catalog.close();
      },
    ),
    RUNS,
  );
});

Deno.test("caseDetail() stands between its neighbours in any list", async () => {
  await fc.assert(
    fc.asyncProperty(
      randomRuns,
      fc.constantFrom("worst", "caseId", "verdict", ...FIGURES.slice(0, 1)),
      fc.constantFrom("ascending", "descending"),
      fc.option(fc.constantFrom("1", "2")),
      async (runs, by, direction, search) => {
        const { catalog, rows } = await randomIndex(runs);
        const scope = { dataset: String(rows[0]!.dataset) };
        const listing = {
          sort: { by, direction } as const,
          filter: search === null ? {} : { search },
        };
        const { items, total } = cases(catalog, scope, {
          ...listing,
          page: { limit: 200 },
        });
        const neighbour = (n: number) =>
          items[n] === undefined
            ? null
            : { runId: items[n].runId, caseId: items[n].caseId };
        for (const [n, { runId, caseId }] of items.entries()) {
          expect(caseDetail(catalog, runId, caseId, { scope, ...listing }))
            .toMatchObject({
              position: n + 1,
              total,
              previous: n === 0 ? null : neighbour(n - 1),
              next: neighbour(n + 1),
            });
        }
        const listed = new Set(items.map(nameOf));
        for (const row of rows.filter((row) => !listed.has(nameOf(row)))) {
          const { runId, caseId } = row;
          expect(
            caseDetail(catalog, String(runId), String(caseId), {
              scope,
              ...listing,
            }),
          ).toMatchObject({ position: null, previous: null, next: null });
        }
        catalog.close();
      },
    ),
    RUNS,
  );
});
