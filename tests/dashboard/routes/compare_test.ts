/** @module Comparisons of runs that say little, and of runs that look alike. */
import { expect } from "@std/expect";
import { comparisonSchema } from "../../../shared/metrics/compare.ts";
import { runPageSchema } from "../../../shared/catalog/queries/runs.ts";
import {
  compared,
  putFinishedRun,
  putResult,
  putRun,
} from "../../shared/catalog/homes.ts";
import { bearer } from "../../support/dashboard.ts";
import { resultsDashboard, wordsOf } from "../../support/results_dashboard.ts";
import { runOf } from "../../support/runs.ts";

const FIRST = "20260101T000000Z-aaaaaa";
const SECOND = "20260101T000000Z-bbbbbb";
const DATA = { name: "ecpc", location: "s3://scans/ecpc" };

/** Two runs of one dataset and checkpoint, with these Dice values. */
async function comparing(
  before: readonly number[],
  after: readonly number[],
  change: Parameters<typeof putFinishedRun>[3] = {},
) {
  return await resultsDashboard(async (home) => {
    await putFinishedRun(home, FIRST, before, { dataset: DATA });
    await putFinishedRun(home, SECOND, after, { dataset: DATA, ...change });
  });
}

const PAGE = `/compare?before=${FIRST}&after=${SECOND}`;
const API = `/api/v1/comparison?before=${FIRST}&after=${SECOND}`;

Deno.test("GET /compare says that one case is too few to tell, and so does the API", async () => {
  const { text, json } = await comparing([0.5], [0.9]);
  const words = wordsOf(await text(PAGE));
  expect(words).toContain("Too few cases to tell 1 case on both sides");
  expect(words).toContain("+0.400 too few 1.000 1 1 0 0");
  const { classes } = await json(API, comparisonSchema);
  expect(classes[0]).toMatchObject({
    verdict: "tooFew",
    metrics: { dice: { n: 1, ci95: null, wilcoxon: { p: 1, n: 1 } } },
  });
});

Deno.test("GET /compare warns of a verdict from few cases", async () => {
  const few = await comparing([0.5, 0.5], [0.9, 0.8]);
  const words = wordsOf(await few.text(PAGE));
  expect(words).toContain("Too few cases to tell 2 cases on both sides");
  // The record has a verdict by its interval: nights go by it.
  expect((await few.json(API, comparisonSchema)).classes[0]?.verdict)
    .toBe("better");
  expect(words).toContain("Only 2 cases are paired");
  const six = Array.from({ length: 6 }, () => 0.5);
  const enough = await comparing(six, six.map((dice) => dice + 0.1));
  const sure = await enough.text(PAGE);
  expect(wordsOf(sure)).toContain("Better 6 cases on both sides");
  expect(wordsOf(sure)).not.toContain("are paired");
  expect(sure).toContain('class="number good">+0.100<');
});

Deno.test("GET /compare tells equal results from those of which one cannot be sure", async () => {
  const equal = await comparing([0.5, 0.7], [0.5, 0.7]);
  const words = wordsOf(await equal.text(PAGE));
  expect(words).toContain("No difference 2 cases on both sides");
  expect(words).toContain("0.000 0.000 to 0.000 all equal 2 0 0 2");
  const before = [0.5, 0.7, 0.5, 0.7, 0.5, 0.7];
  const mixed = await comparing(before, before.map((dice) => 1.2 - dice));
  expect(wordsOf(await mixed.text(PAGE))).toContain("No sure difference");
});

Deno.test("the API says why runs of other classes cannot be compared", async () => {
  const { request, tokens, text } = await resultsDashboard(async (home) => {
    await putFinishedRun(home, FIRST, [0.5]);
    await putRun(home, SECOND, { classes: ["background", "node"] });
    await putResult(home, SECOND, "c1", compared(0.5, { name: "node" }));
  });
  const reason = "Cannot compare cases of different classes: tumour and node";
  expect(wordsOf(await text(PAGE))).toContain(reason);
  const answer = await request(API, { headers: bearer(tokens.viewer) });
  expect(answer.status).toBe(409);
  expect((await answer.json()).error.message).toContain(reason);
});

Deno.test("GET /compare says when the dataset changed in between, or is another one", async () => {
  const digest = "1".repeat(64);
  const beside = async (change: { location?: string; digest?: string }) => {
    const { text } = await resultsDashboard(async (home) => {
      await putFinishedRun(home, FIRST, [0.5], {
        dataset: { ...DATA, digest },
      });
      await putFinishedRun(home, SECOND, [0.5], {
        dataset: { ...DATA, ...change },
      });
    });
    return wordsOf(await text(PAGE));
  };
  const changed = "The dataset changed in between";
  const another = "The runs are over different datasets";
  expect(await beside({ digest: "2".repeat(64) })).toContain(changed);
  for (const same of [{ digest }, {}]) {
    expect(await beside(same)).not.toContain(changed);
    expect(await beside(same)).not.toContain(another);
  }
  const elsewhere = await beside({ digest, location: "s3://scans/other" });
  expect(elsewhere).toContain(another);
  expect(elsewhere).not.toContain(changed);
});

Deno.test("runs that look alike are told apart by what they were made with, and by their ids", async () => {
  const { options } = runOf();
  const { text, json } = await comparing([0.5, 0.6], [0.7, 0.8], {
    options: { ...options, overlap: 0.25, minLesionMl: 1 },
  });
  const html = await text(PAGE);
  expect(html).toContain('<optgroup label="ecpc">');
  const [first, second] = [
    "overlap 50 %, smallest lesion any · Dice 0.550 · run aaaaaa",
    "overlap 25 %, smallest lesion 1 ml · Dice 0.750 · run bbbbbb",
  ];
  for (const name of [first, second]) {
    expect(html).toContain(`a · 2026-01-02 03:04 · ${name}</option>`);
  }
  const words = wordsOf(html);
  expect(words).toContain(
    "tumour: a (2026-01-02 03:04, bbbbbb) against a (2026-01-02 03:04, aaaaaa)",
  );
  expect(words).toContain(`Run differs ${FIRST} ${SECOND}`);
  expect(words).toContain("Overlap differs 50 % 25 %");
  expect(words).toContain("Window 32 × 32 × 32 voxels 32 × 32 × 32 voxels");
  const list = wordsOf(await text("/runs"));
  expect(list).toContain("2026-01-02 03:04 aaaaaa ecpc a overlap 50 %,");
  const { items } = await json("/api/v1/runs", runPageSchema);
  expect(items[0]?.varying).toEqual(["overlap", "minLesionMl"]);
  expect(items[0]?.settings).toMatchObject({ overlap: 0.25, minLesionMl: 1 });
});

Deno.test("runs keep the name of their dataset, and namesakes are told apart", async () => {
  const { text } = await resultsDashboard(async (home) => {
    await putFinishedRun(home, FIRST, [0.5], {
      createdAt: "2026-01-01T00:00:00.000Z",
      dataset: { name: "old name", location: "s3://scans/one" },
    });
    await putFinishedRun(home, SECOND, [0.5], {
      createdAt: "2026-01-02T00:00:00.000Z",
      dataset: { name: "new name", location: "s3://scans/one" },
    });
    await putFinishedRun(home, "20260103T000000Z-cccccc", [0.5], {
      createdAt: "2026-01-03T00:00:00.000Z",
      dataset: { name: "new name", location: "s3://scans/two" },
    });
  });
  const list = wordsOf(await text("/runs"));
  expect(list).toContain("aaaaaa old name a");
  expect(list).toContain("bbbbbb new name · at s3://scans/one a");
  expect(list).toContain("cccccc new name · at s3://scans/two a");
  const words = wordsOf(await text("/"));
  expect(words).toContain("new name · at s3://scans/one Its runs");
  expect(words).toContain("Some runs call it old name.");
  expect(words).toContain("new name · at s3://scans/two Its runs");
  expect(words).not.toContain("old name Its runs");
  expect(wordsOf(await text("/?search=OLD"))).toContain("Some runs call it");
});
