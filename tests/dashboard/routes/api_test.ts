/** @module Results as JSON. */
import { expect } from "@std/expect";
import { z } from "zod";
import { progressSchema } from "../../../dashboard/progress/progress.ts";
import { caseDetailSchema } from "../../../shared/catalog/queries/case_detail.ts";
import { casePageSchema } from "../../../shared/catalog/queries/cases.ts";
import { diagnosticPageSchema } from "../../../shared/catalog/queries/diagnostics.ts";
import { distributionSchema } from "../../../shared/catalog/queries/distribution.ts";
import { dotsSchema } from "../../../shared/catalog/queries/dots.ts";
import { overviewPageSchema } from "../../../shared/catalog/queries/overview.ts";
import { runDetailSchema } from "../../../shared/catalog/queries/run.ts";
import { runPageSchema } from "../../../shared/catalog/queries/runs.ts";
import { trendPointSchema } from "../../../shared/catalog/queries/trend.ts";
import { comparisonSchema } from "../../../shared/metrics/compare.ts";
import { bearer } from "../../support/dashboard.ts";
import { resultsDashboard } from "../../support/results_dashboard.ts";
import { BAD_RUN, GOOD_RUN, OPEN_RUN } from "../../support/results_home.ts";

Deno.test("the API pages through runs and cases", async () => {
  const { json } = await resultsDashboard();
  const runs = await json("/api/v1/runs?limit=2&offset=2", runPageSchema);
  expect(runs.items.map(({ runId }) => runId)).toEqual([BAD_RUN, GOOD_RUN]);
  expect(runs.total).toBe(4);
  const cases = await json(
    `/api/v1/runs/${BAD_RUN}/cases?limit=3`,
    casePageSchema,
  );
  expect(cases.items.map(({ caseId }) => caseId)[0]).toBe("CHUM-006");
  expect([cases.items.length, cases.total]).toEqual([3, 24]);
});

Deno.test("the API tells a run with its plan and counts", async () => {
  const { json } = await resultsDashboard();
  const run = await json(`/api/v1/runs/${OPEN_RUN}`, runDetailSchema);
  expect(run).toMatchObject({ nDone: 2, nFailed: 1, nMissing: 3 });
  expect(run.failuresByKind).toEqual({ unreadable: 1 });
});

Deno.test("the API tells how far a run is, and all of a case", async () => {
  const { json } = await resultsDashboard();
  const progress = await json(
    `/api/v1/runs/${OPEN_RUN}/progress`,
    progressSchema,
  );
  expect(progress).toMatchObject({
    state: "running",
    cost: { amount: expect.closeTo(0.2), currency: "EUR" },
    workers: [{ alive: true, current: { caseId: "open-4", windows: 3 } }],
  });
  const found = await json(
    `/api/v1/runs/${BAD_RUN}/cases/CHUM-006`,
    caseDetailSchema,
  );
  expect(found.classes[0]).toMatchObject({ outcome: "missed" });
  expect([found.position, found.next?.caseId]).toEqual([1, "CHUM-020"]);
});

Deno.test("the API tells what charts show", async () => {
  const { json } = await resultsDashboard();
  const { items } = await json(
    "/api/v1/overview?search=hecktor&isLabelled=true",
    overviewPageSchema,
  );
  expect(items).toHaveLength(4);
  const dataset = items[0]!.dataset.key;
  const { dots, total } = await json(
    `/api/v1/dots?dataset=${dataset}&figure=dice&fold=1`,
    dotsSchema,
  );
  expect([dots.length, total]).toEqual([24, 24]);
  expect(dots[0]).toMatchObject({ caseId: "CHUM-006", value: 0, fold: 1 });
  const trend = await json(
    `/api/v1/trend?dataset=${dataset}`,
    z.array(trendPointSchema),
  );
  expect(trend.map(({ isRegression }) => isRegression))
    .toEqual([false, false, true, true]);
  const unlabelled = await json(
    "/api/v1/overview?search=ward",
    overviewPageSchema,
  );
  const { nOutliers } = await json(
    `/api/v1/distribution?dataset=${
      unlabelled.items[0]!.dataset.key
    }&fold=none&figure=mtvMl`,
    distributionSchema,
  );
  expect(nOutliers).toBe(1);
});

Deno.test("the API compares runs and lists what it does not understand", async () => {
  const { json } = await resultsDashboard();
  const { classes } = await json(
    `/api/v1/comparison?before=${GOOD_RUN}&after=${BAD_RUN}`,
    comparisonSchema,
  );
  expect(classes[0]).toMatchObject({ verdict: "worse", n: 24 });
  const { items } = await json("/api/v1/diagnostics", diagnosticPageSchema);
  expect(items.map(({ reason }) => reason)).toEqual(["It is not JSON"]);
});

Deno.test("the API refuses what it cannot answer, as JSON", async () => {
  const { request, tokens } = await resultsDashboard();
  const statuses = [];
  for (
    const path of [
      "runs?limit=201",
      "runs?offset=-1",
      "dots?dataset=a&figure=dise",
      "dots?dataset=a&figure=dice&fold=x",
      "runs/20200101T000000Z-000000",
      "comparison?before=a&after=b",
    ]
  ) {
    const answer = await request(`/api/v1/${path}`, {
      headers: bearer(tokens.viewer),
    });
    statuses.push(answer.status);
    expect(await answer.json()).toHaveProperty("error.message");
  }
  expect(statuses).toEqual([400, 400, 400, 400, 404, 404]);
});

Deno.test("the API's description names every route of the API and its answers", async () => {
  const { json } = await resultsDashboard();
  const { paths } = await json(
    "/api/v1/openapi.json",
    z.object({ paths: z.record(z.string(), z.looseObject({})) }),
  );
  for (
    const path of [
      "/api/v1/overview",
      "/api/v1/runs",
      "/api/v1/runs/{runId}",
      "/api/v1/runs/{runId}/cases",
      "/api/v1/runs/{runId}/progress",
      "/api/v1/runs/{runId}/cases/{caseId}",
      "/api/v1/comparison",
      "/api/v1/diagnostics",
      "/api/v1/dots",
      "/api/v1/trend",
      "/api/v1/distribution",
    ]
  ) expect(paths[path]).toHaveProperty("get.responses.200.content");
});

Deno.test("the API refuses parameters that it does not know, by their names", async () => {
  const { request, tokens } = await resultsDashboard();
  const ask = async (path: string) => {
    const answer = await request(path, { headers: bearer(tokens.viewer) });
    const { error } = await answer.json();
    return `${answer.status} ${error.message}`;
  };
  const text = await ask("/api/v1/runs?limit=2&datset=x&chekpoint=y");
  expect(text).toContain(
    "400 Unknown parameters: datset, chekpoint; there are",
  );
  expect(text).toContain("dataset");
  expect(await ask(`/api/v1/runs/${OPEN_RUN}?full=1`))
    .toBe("400 Unknown parameters: full; there are none");
});
