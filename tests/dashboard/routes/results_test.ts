/** @module Lists, the overview, comparisons, diagnostics, exports. */
import { expect } from "@std/expect";
import { z } from "zod";
import { caseRowSchema } from "../../../shared/catalog/queries/case_row.ts";
import { encodeRecord } from "../../../shared/runs/record_io.ts";
import { bearer } from "../../support/dashboard.ts";
import { resultsDashboard, wordsOf } from "../../support/results_dashboard.ts";
import {
  BAD_RUN,
  fillResultsHome,
  GOOD_RUN,
  OPEN_RUN,
  UNLABELLED_RUN,
} from "../../support/results_home.ts";
import {
  putFinishedRun,
  putResult,
  putRun,
} from "../../shared/catalog/homes.ts";
import { compared } from "../../shared/catalog/homes.ts";
import { caseOf, runOf } from "../../support/runs.ts";

const EMPTY = () => Promise.resolve();

Deno.test("pages without results say what to do", async () => {
  const { text } = await resultsDashboard(EMPTY);
  for (const path of ["/", "/runs"]) {
    expect(await text(path)).toContain("uptake submit --dataset");
  }
  expect(await text("/compare")).toContain("Nothing to compare yet");
  expect(await text("/diagnostics")).toContain(
    "Every record that was read is understood",
  );
});

Deno.test("GET / shows each dataset, checkpoint and fold with mean, spread, n, excluded and missed", async () => {
  const { text } = await resultsDashboard();
  const words = wordsOf(await text("/"));
  expect(words).toContain("HECKTOR 2022");
  expect(words).toContain(
    "ma3dseg-a, Fold 0 Run of 2026-01-10 03:04 12 0 missed 0 false alarms 0.771 ± 0.124",
  );
  // The missed case has no distance: it is told beside the mean.
  expect(words).toContain(
    "ma3dseg-bb, Fold 1 Run of 2026-01-11 03:04 12 1 missed 0 false alarms 0.587 ± 0.225",
  );
  expect(words).toContain("n 11 1 excluded");
  expect(words).toContain("MA3DSeg, published: Dice 0.812, HD95 (mm) 4.9");
  expect(words).toContain("2 results are worse than what came before.");
  expect(words).toContain("Worse than ma3dseg-a");
});

Deno.test("GET / tells options where runs of a checkpoint differ, and joins no runs with other ones", async () => {
  const { text } = await resultsDashboard(async (home) => {
    const cases = [0.9, 0.8];
    const { options } = runOf({ runId: GOOD_RUN });
    const dataset = { name: "scans", location: "s3://scans/all" };
    await putFinishedRun(home, GOOD_RUN, cases, { dataset });
    await putFinishedRun(home, BAD_RUN, cases, {
      dataset,
      createdAt: "2026-01-12T12:48:00.000Z",
      options: { ...options, overlap: 0 },
    });
  });
  const words = wordsOf(await text("/"));
  expect(words).toContain(
    "Run of 2026-01-12 12:48, overlap 0 % May have seen these cases 2 0 missed 0 false alarms",
  );
  expect(words).toContain("Run (UTC) Checkpoint Options Cases");
  expect(words).toContain("overlap 50 % 2");
  expect(words).toContain("None of these runs was compared");
  expect(words).not.toContain("No checkpoint got worse");
});

Deno.test("GET / shows distributions, outliers and reviews of cases without labels", async () => {
  const { text } = await resultsDashboard();
  const html = await text("/?isLabelled=false");
  const words = wordsOf(html);
  expect(words).not.toContain("HECKTOR");
  expect(words).toContain("2 of 40 reviewed");
  expect(words).toContain("ward 8 Volume (ml) 900.0");
  expect(html).toContain(`/runs/${UNLABELLED_RUN}/cases/ward%208`);
});

Deno.test("GET /runs narrows, searches and sorts", async () => {
  const { text } = await resultsDashboard();
  const runsIn = async (query: string) =>
    [...(await text(`/runs?${query}`)).matchAll(
      /href="\/runs\/(\d{8}T[^"?]+)"/g,
    )]
      .map(([, runId]) => runId);
  expect(await runsIn("")).toEqual([
    OPEN_RUN,
    UNLABELLED_RUN,
    BAD_RUN,
    GOOD_RUN,
  ]);
  expect(await runsIn("state=open")).toEqual([OPEN_RUN]);
  expect(await runsIn("search=WARD")).toEqual([UNLABELLED_RUN]);
  expect((await runsIn("sort=meanDice&direction=ascending"))[0]).toBe(BAD_RUN);
  expect(await runsIn("search=100%25")).toEqual([]);
});

Deno.test("GET /runs pages, and keeps filters and order in its links", async () => {
  const { text } = await resultsDashboard(async (home) => {
    for (let n = 10; n < 70; n++) {
      await putRun(home, `20260102T0304${n}Z-000000`);
    }
  });
  const second = await text("/runs?page=2&state=open&sort=nExpected");
  expect(wordsOf(second)).toContain("51 to 60 of 60 runs");
  expect(second).toContain(
    'href="/runs?state=open&amp;sort=nExpected&amp;direction=descending&amp;page=1"',
  );
});

Deno.test("GET /compare shows differences, flips and both cases, the most harmed first", async () => {
  const { text } = await resultsDashboard();
  const html = await text(`/compare?before=${GOOD_RUN}&after=${BAD_RUN}`);
  const words = wordsOf(html);
  expect(words).toContain("Worse 24 cases on both sides");
  expect(words).toContain("Dice 0.762 0.629 −0.132 −0.196 to −0.100");
  expect(words).toContain("CHUM-006 found → missed 0.871 0.000 −0.871");
  expect(html).toContain(`/runs/${GOOD_RUN}/cases/CHUM-006`);
  expect(html).toContain(`/runs/${BAD_RUN}/cases/CHUM-006`);
});

Deno.test("GET /compare says so where runs share no case", async () => {
  const { text } = await resultsDashboard();
  const html = await text(`/compare?before=${GOOD_RUN}&after=${OPEN_RUN}`);
  expect(html).toContain("The runs share no labelled case");
});

Deno.test("GET /diagnostics lists damaged records with their key and reason", async () => {
  const { text } = await resultsDashboard();
  const words = wordsOf(await text("/diagnostics"));
  expect(words).toContain(
    `runs/${GOOD_RUN}/results/c99.json The run It is not JSON`,
  );
  expect(wordsOf(await text(`/diagnostics?runId=${BAD_RUN}`)))
    .toContain("Every record that was read is understood");
});

Deno.test("GET /diagnostics searches, and narrows to what records tell of", async () => {
  const { text } = await resultsDashboard(async (home) => {
    await fillResultsHome(home);
    await home.put(`runs/${GOOD_RUN}/failures/c98/0.json`, encodeRecord(1));
    await home.put("runs/odd/run.json", encodeRecord({}));
  });
  const keys = async (query: string) =>
    [...(await text(`/diagnostics${query}`)).matchAll(/<code>(.*?)<\/code>/g)]
      .map(([, key]) => key!.replaceAll(/<[^>]*>/g, "")).slice(1);
  const [failure, result, plan] = [
    `runs/${GOOD_RUN}/failures/c98/0.json`,
    `runs/${GOOD_RUN}/results/c99.json`,
    "runs/odd/run.json",
  ];
  expect(await keys("")).toEqual([failure, result, plan]);
  expect(await keys("?sort=key&direction=descending"))
    .toEqual([plan, result, failure]);
  expect(await keys("?kind=result")).toEqual([result]);
  expect(await keys("?kind=failure")).toEqual([failure]);
  expect(await keys("?kind=plan")).toEqual([plan]);
  expect(await keys("?kind=home")).toEqual([]);
  expect(await keys("?search=C99")).toEqual([result]);
  expect(await keys(`?runId=${GOOD_RUN}&search=c9`)).toEqual([failure, result]);
});

Deno.test("GET /runs/:runId/cases.csv holds every case, and no formula", async () => {
  const evil = `=HYPERLINK("http:__a")`;
  const { text } = await resultsDashboard(async (home) => {
    await putRun(home, GOOD_RUN, { cases: [caseOf(evil, "a"), caseOf("b")] });
    await putResult(home, GOOD_RUN, evil, compared(0.5));
  });
  const [head, ...lines] = (await text(`/runs/${GOOD_RUN}/cases.csv`))
    .trimEnd().split("\r\n");
  expect(head).toMatch(/^\uFEFF?runId,caseId,patientId,fold,class,state,/);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain(`,"'=HYPERLINK(""http:__a"")",,,tumour,done,`);
});

Deno.test("GET /runs/:runId/cases.json holds the plan and all cases, and is audited as an export", async () => {
  const { json, audited } = await resultsDashboard();
  const { cases, run } = await json(
    `/runs/${UNLABELLED_RUN}/cases.json`,
    z.object({
      run: z.object({ runId: z.string() }),
      cases: z.array(caseRowSchema),
    }),
  );
  expect(run.runId).toBe(UNLABELLED_RUN);
  expect(new Set(cases.map(({ caseId }) => caseId)).size).toBe(40);
  expect((await audited()).at(-1)).toMatchObject({
    action: "export",
    params: { runId: UNLABELLED_RUN },
  });
});

Deno.test("exports and pages of a run that is not known are not found", async () => {
  const { request, tokens } = await resultsDashboard();
  const paths = ["", "/cases.csv", "/cases.json", "/events"];
  for (const path of paths) {
    const answer = await request(`/runs/20200101T000000Z-000000${path}`, {
      headers: bearer(tokens.viewer),
    });
    expect(answer.status).toBe(404);
    await answer.body?.cancel();
  }
});

Deno.test("addresses that fit nothing say so in plain words, with a way back", async () => {
  const { text, request, tokens } = await resultsDashboard();
  const late = await text("/?page=999&sort=newest");
  expect(wordsOf(late)).toContain("There is no such page. Show the first page");
  expect(late).toContain('href="/?sort=newest"');
  for (const path of ["/runs", `/runs/${GOOD_RUN}`, "/diagnostics"]) {
    expect(wordsOf(await text(`${path}?page=999`))).toContain("no such page");
  }
  const unknown = await text(`/compare?before=nope&after=${GOOD_RUN}`);
  expect(wordsOf(unknown)).toMatch(/There is no run nope : choose another one/);
  const long = await request(`/?search=${"x".repeat(201)}`, {
    headers: { ...bearer(tokens.viewer), accept: "text/html" },
  });
  expect(long.status).toBe(400);
  const words = wordsOf(await long.text());
  expect(words).toContain(
    "search&quot; is too long: it can have 200 characters at most.",
  );
  expect(words).toContain("Go to the overview");
});

Deno.test("GET / says what the figures of lesions count, and which form of RVD it is", async () => {
  const { text } = await resultsDashboard();
  const words = wordsOf(await text("/"));
  expect(words).toContain("found where mask and label share one voxel");
  expect(words).toContain("False lesions (ml) Missed lesions (ml)");
  expect(words).toContain("|RVD|");
  expect(words).toContain("taken for the absolute one");
});

Deno.test("GET /diagnostics says that finished runs are not looked at again by themselves", async () => {
  const { text } = await resultsDashboard();
  expect(wordsOf(await text("/diagnostics"))).toContain(
    "Finished runs are not looked at again until somebody opens their pages",
  );
});
