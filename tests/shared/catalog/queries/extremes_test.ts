/** @module The cases of the lowest and highest values, which have a dot whatever the sample is. */
import { expect } from "@std/expect";
import type { Figure } from "../../../../shared/catalog/figures.ts";
import { dots } from "../../../../shared/catalog/queries/dots.ts";
import { overview } from "../../../../shared/catalog/queries/overview.ts";
import type { Scope } from "../../../../shared/catalog/queries/scope.ts";
import { compared, emptyHome, putResult, putRun } from "../homes.ts";
import { caseOf } from "../../../support/runs.ts";

const RUNS = ["20260101T000000Z-aaaaaa", "20260102T000000Z-bbbbbb"];
const CASES = 300;

/** 300 cases in three folds, each segmented with two checkpoints; every Dice is another one. */
async function twoRuns() {
  const home = emptyHome();
  for (const [run, runId] of RUNS.entries()) {
    const cases = Array.from({ length: CASES }, (_, n) => ({
      ...caseOf(`c${n}`),
      fold: n % 3,
    }));
    await putRun(home.store, runId, {
      cases,
      dataset: { name: "ecpc", location: "s3://scans/ecpc" },
      checkpoints: [{
        name: `net-${run}`,
        location: `file:///${run}.safetensors`,
        sha256: String(run).repeat(64),
      }],
    });
    for (const [n, { caseId }] of cases.entries()) {
      // 7 and 600 have no divisor in common: each of 1 to 600 comes once.
      const place = 1 + (7 * (n * RUNS.length + run)) % 600;
      await putResult(
        home.store,
        runId,
        caseId,
        compared(place / 1000, {
          volumeMl: place,
          pet: { ...compared(1).classes[0]!.pet!, mtvMl: place },
        }),
      );
    }
  }
  await home.refresh();
  return home;
}

Deno.test("dots() of a sample hold the lowest and the highest values of all", async () => {
  const { catalog } = await twoRuns();
  const { key } = overview(catalog).items[0]!.dataset;
  const scopes: [Scope, number][] = [
    [{ dataset: key }, 600],
    [{ dataset: key, checkpoint: "1".repeat(64) }, 300],
    [{ runId: RUNS[0]! }, 300],
  ];
  // The first is told by summaries, the last has none.
  for (const figure of ["dice", "volumeMl", "mtvMl"] satisfies Figure[]) {
    for (const [scope, total] of scopes) {
      const all = dots(catalog, scope, figure).dots.map(({ value }) => value);
      expect(all.length).toBe(total);
      const most = total === 600 ? 400 : 200;
      const found = dots(catalog, scope, figure, most);
      const n = most / 200;
      expect(found).toMatchObject({ total, isSampled: true, nAtEachEnd: n });
      const values = found.dots.map(({ value }) => value);
      expect(values.length).toBe(most);
      expect(values.slice(0, n)).toEqual(all.slice(0, n));
      expect(values.slice(-n)).toEqual(all.slice(-n));
      expect(new Set(values).size).toBe(most);
    }
  }
  catalog.close();
});

Deno.test("dots() beside the lowest and highest values are those of the sample", async () => {
  const { catalog } = await twoRuns();
  const scope = { runId: RUNS[1]! };
  const all = dots(catalog, scope, "dice").dots;
  const ends = new Set([all[0]!.caseId, all.at(-1)!.caseId]);
  const sample = new Set(
    dots(catalog, scope, "dice", 199).dots.map(({ caseId }) => caseId),
  );
  const shown = dots(catalog, scope, "dice", 200).dots;
  const others = shown.filter(({ caseId }) => !ends.has(caseId));
  expect(others.filter(({ caseId }) => !sample.has(caseId))).toEqual([]);
  expect(shown.length).toBe(200);
  catalog.close();
});

Deno.test("dots() that are all there are no sample, and keep no place for ends", async () => {
  const { catalog } = await twoRuns();
  const found = dots(catalog, { runId: RUNS[0]! }, "dice", 300);
  expect(found).toMatchObject({ isSampled: false, nAtEachEnd: 0 });
  expect(found.dots.length).toBe(300);
  catalog.close();
});
