/** @module Aggregates are those of a run's summary, in whatever order records are found. */
import { expect } from "@std/expect";
import fc from "fast-check";
import { aggregate, resamplesFor } from "../../../shared/catalog/aggregate.ts";
import { openCatalog } from "../../../shared/catalog/open_catalog.ts";
import { cases } from "../../../shared/catalog/queries/cases.ts";
import { diagnostics } from "../../../shared/catalog/queries/diagnostics.ts";
import { dots } from "../../../shared/catalog/queries/dots.ts";
import { overview } from "../../../shared/catalog/queries/overview.ts";
import { run } from "../../../shared/catalog/queries/run.ts";
import { runs } from "../../../shared/catalog/queries/runs.ts";
import type { CaseMetrics } from "../../../shared/metrics/case_metrics.ts";
import { observeClasses, summarise } from "../../../shared/metrics/summary.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { memoryStore } from "../../support/memory_store.ts";
import { caseOf } from "../../support/runs.ts";
import {
  compared,
  emptyHome,
  measured,
  NOW,
  putFailure,
  putFinishedRun,
  putResult,
  putReview,
  putRun,
  putSummary,
} from "./homes.ts";

const metricsArbitrary: fc.Arbitrary<CaseMetrics> = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }).map((dice) => compared(dice)),
  fc.double({ min: 0, max: 1000, noNaN: true }).map((ml) => measured(ml)),
);

Deno.test("aggregates equal the summary of the same results", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(metricsArbitrary, { minLength: 1, maxLength: 12 }),
      async (all) => {
        const { store, catalog, refresh } = emptyHome();
        const id = "20260101T000000Z-aaaaaa";
        await putRun(store, id, { cases: all.map((_, n) => caseOf(`c${n}`)) });
        for (const [n, metrics] of all.entries()) {
          await putResult(store, id, `c${n}`, metrics);
        }
        await refresh();
        const [group] = run(catalog, id)!.groups;
        const [wanted] = summarise(all, { nFailed: 0, nMissing: 0 }).classes;
        const { name: _, ...summary } = wanted!;
        expect(group?.aggregate).toMatchObject(summary);
        expect(group?.nLabelled).toBe(
          all.filter(({ labelled }) => labelled).length,
        );
        catalog.close();
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("aggregate() draws intervals within the range of values, and has none for a single one", async () => {
  const breathe = () => Promise.resolve();
  const of = (values: readonly number[]) =>
    aggregate(
      values.flatMap((dice) => observeClasses(compared(dice))),
      breathe,
    );
  const { metrics, resamples } = await of([0.2, 0.4, 0.9]);
  expect(resamples).toBe(10_000);
  const [low, high] = metrics.dice.ci95!;
  expect(low).toBeGreaterThanOrEqual(0.2);
  expect(low).toBeLessThan(0.5);
  expect(high).toBeGreaterThan(0.5);
  expect(high).toBeLessThanOrEqual(0.9);
  // Volumes are shown without one.
  expect(metrics.volumeMl.ci95).toBe(null);
  expect((await of([0.5])).metrics.dice.ci95).toBe(null);
  expect((await of([])).metrics.dice).toMatchObject({
    nCounted: 0,
    mean: null,
  });
});

Deno.test("resamplesFor() is fewer of more cases", () => {
  expect([1, 100, 200, 1000, 1_000_000].map(resamplesFor))
    .toEqual([10_000, 10_000, 5000, 1000, 1000]);
});

/** Everything that pages show of an index. */
function shown(catalog: ReturnType<typeof openCatalog>) {
  const all = runs(catalog).items;
  return {
    overview: overview(catalog),
    runs: runs(catalog),
    diagnostics: diagnostics(catalog),
    details: all.map(({ runId }) => run(catalog, runId)),
    cases: all.map(({ runId }) => cases(catalog, { runId })),
    dots: all.map(({ runId }) => dots(catalog, { runId }, "dice", 2)),
    bySelection: all.map(({ dataset }) =>
      cases(catalog, { dataset: dataset.key })
    ),
  };
}

Deno.test("an index does not depend on the order in which its records came", async () => {
  const A = "20260101T000000Z-aaaaaa";
  const B = "20260101T000500Z-bbbbbb";
  const source = memoryStore(() => NOW.getTime());
  const text = (value: string) => new TextEncoder().encode(value);
  await putFinishedRun(source, A, [0.5, 0.5, 0.9]);
  await putRun(source, B, {
    cases: ["c1", "c2", "c3"].map((id) => caseOf(id)),
    checkpoints: [{
      name: "another name",
      location: "file:///a.safetensors",
      sha256: "a".repeat(64),
    }],
  });
  await putResult(source, B, "c1", measured(3));
  await putResult(source, B, "c2", compared(0.3));
  await putFailure(source, B, "c3");
  await putSummary(source, B, [measured(3)], 2);
  await putReview(source, { runId: A, caseId: "c1" });
  await putReview(source, {
    runId: A,
    caseId: "c1",
    reviewer: "bo",
    verdict: "fix",
  });
  await source.put(`runs/${A}/reviews/c2/20260101T000000Z-x.json`, text("{}"));
  const objects: [string, Uint8Array<ArrayBuffer>][] = [];
  for await (const { key } of source.list("")) {
    objects.push([key, (await source.get(key))!.body]);
  }
  const atOnce = emptyHome(openCatalog(":memory:"), source);
  await atOnce.refresh();
  const wanted = shown(atOnce.catalog);
  expect(wanted.runs.total).toBe(2);

  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(objects, {
        minLength: objects.length,
        maxLength: objects.length,
      }),
      fc.array(fc.nat(objects.length), { maxLength: 3 }),
      async (order, stops) => {
        const store: ObjectStore = memoryStore(() => NOW.getTime());
        const { catalog, refresh, refreshRun } = emptyHome(
          openCatalog(":memory:"),
          store,
        );
        for (const [n, [key, body]] of order.entries()) {
          if (stops.includes(n)) await refresh();
          await store.put(key, body);
        }
        await refresh();
        // Reviews of runs that were finished already are looked for when somebody asks.
        for (const runId of [A, B]) await refreshRun(runId);
        expect(shown(catalog)).toEqual(wanted);
        catalog.close();
      },
    ),
    { numRuns: 30 },
  );
});
