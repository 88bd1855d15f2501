/** @module Comparisons of runs over cases that one of their checkpoints was trained on. */
import { expect } from "@std/expect";
import { createRunComparer } from "../../../dashboard/comparison/run_comparer.ts";
import { compareRuns } from "../../../shared/catalog/queries/compare_runs.ts";
import { comparisonSchema } from "../../../shared/metrics/compare.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import {
  emptyHome,
  putCheckpoint,
  putFinishedRun,
  signal,
} from "../../shared/catalog/homes.ts";
import { bearer } from "../../support/dashboard.ts";
import { resultsDashboard, wordsOf } from "../../support/results_dashboard.ts";

const A = "20260101T000000Z-aaaaaa";
const B = "20260102T000000Z-bbbbbb";

const letter = (runId: string) => runId.at(-1)!;

/** `c1` and `c2` of fold 0, `c3` and `c4` of fold 1; before: a model of fold 0, after: one of fold 1. */
async function putRuns(store: ObjectStore, folds = [0, 0, 1, 1]) {
  const diceOf = { [A]: [0.5, 0.6, 0.9, 0.95], [B]: [0.8, 0.8, 0.7, 0.6] };
  for (const [runId, dice] of Object.entries(diceOf)) {
    await putFinishedRun(store, runId, dice, {
      dataset: { name: "ecpc", location: "s3://scans/ecpc" },
      checkpoints: [{
        name: letter(runId),
        location: `s3://home/checkpoints/${letter(runId)}.safetensors`,
        sha256: letter(runId).repeat(64),
      }],
      fold: (n) => folds[n]!,
    });
  }
}

async function register(store: ObjectStore, runId: string, fold: number) {
  await putCheckpoint(store, letter(runId), letter(runId).repeat(64), {
    fold,
    dataset: "ecpc",
  });
}

async function fill(store: ObjectStore) {
  await putRuns(store);
  await register(store, A, 0);
}

const PAGE = `/compare?before=${A}&after=${B}`;
const API = `/api/v1/comparison?before=${A}&after=${B}`;

Deno.test("GET /compare leaves out cases that a checkpoint was trained on when asked to", async () => {
  const { text } = await resultsDashboard(fill);
  const html = await text(PAGE);
  const words = wordsOf(html);
  expect(words).toContain(
    "Differences count those that both runs have (2 cases)",
  );
  expect(words).toContain("4 cases on both sides");
  expect(words).toMatch(/ c3 Trained on this case 0\.900 0\.700 /);
  expect(words).toMatch(/ c1 0\.500 0\.800 /);
  const [, href] = /<a href="([^"]*)">Leave them out/.exec(html)!;
  expect(href).toBe(`${PAGE}&leaveOut=trainedOn`.replaceAll("&", "&amp;"));
  const without = await text(`${PAGE}&leaveOut=trainedOn`);
  expect(wordsOf(without)).toContain(
    "Without 2 cases that a checkpoint was trained on.",
  );
  // 0.5 and 0.6 against 0.8 and 0.8; none is told to be on one side only.
  expect(wordsOf(without)).toContain("2 cases on both sides.");
  expect(wordsOf(without)).toContain("Dice 0.550 0.800 +0.250");
  expect(wordsOf(without)).not.toContain("Trained on this case");
  const back = /<a href="([^"]*)">Count them as well/.exec(without)?.[1];
  expect(back).toBe(PAGE.replaceAll("&", "&amp;"));
});

Deno.test("what a comparison leaves out stays left out when its cases are sorted, and other runs are chosen", async () => {
  const { text } = await resultsDashboard(fill);
  const html = await text(`${PAGE}&leaveOut=trainedOn`);
  const sorts = [...html.matchAll(/class="sort" href="([^"]*)"/g)];
  expect(sorts.length).toBeGreaterThan(0);
  for (const [, href] of sorts) expect(href).toContain("leaveOut=trainedOn");
  const hidden = '<input type="hidden" name="leaveOut" value="trainedOn"';
  expect(html).toContain(hidden);
  expect(await text(PAGE)).not.toContain(hidden);
});

Deno.test("GET /compare says when a checkpoint was trained on all cases, or on none of those compared", async () => {
  const all = await resultsDashboard(async (store) => {
    await fill(store);
    await register(store, B, 1);
  });
  expect(wordsOf(await all.text(PAGE))).toContain("have (4 cases)");
  const without = wordsOf(await all.text(`${PAGE}&leaveOut=trainedOn`));
  expect(without).toContain("Without 4 cases");
  expect(without).toContain("The runs share no other labelled case.");
  const none = await resultsDashboard(putRuns);
  for (const path of [PAGE, `${PAGE}&leaveOut=trainedOn`]) {
    const words = wordsOf(await none.text(path));
    expect(words).toContain("4 cases on both sides");
    expect(words).not.toContain("trained on cases");
  }
});

Deno.test("the API compares runs without what a checkpoint was trained on", async () => {
  const { json, request, tokens } = await resultsDashboard(fill);
  const nOf = async (path: string) =>
    (await json(path, comparisonSchema)).classes.map((
      { n, nOnlyBefore, nOnlyAfter },
    ) => [n, nOnlyBefore, nOnlyAfter]);
  expect(await nOf(API)).toEqual([[4, 0, 0]]);
  expect(await nOf(`${API}&leaveOut=trainedOn`)).toEqual([[2, 0, 0]]);
  const wrong = await request(`${API}&leaveOut=all`, {
    headers: bearer(tokens.viewer),
  });
  expect(wrong.status).toBe(400);
});

Deno.test("createRunComparer() compares anew once it is known on what a checkpoint was trained", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putRuns(store);
  await refresh();
  const compare = createRunComparer({ catalog, signal });
  const nOf = async () =>
    (await compare(A, B, { leaveOut: "trainedOn" }))?.classes[0]?.n;
  expect(await nOf()).toBe(4);
  await register(store, A, 0);
  await refresh();
  expect(await nOf()).toBe(2);
  expect((await compare(A, B))?.classes[0]?.n).toBe(4);
  expect(compareRuns(catalog, A, B, { leaveOut: "trainedOn" }))
    .toEqual(await compare(A, B, { leaveOut: "trainedOn" }));
});
