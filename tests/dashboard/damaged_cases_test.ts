/** @module One truth about a case whose record is damaged, wherever cases are counted. */
import { expect } from "@std/expect";
import { z } from "zod";
import { casePageSchema } from "../../shared/catalog/queries/cases.ts";
import { overviewPageSchema } from "../../shared/catalog/queries/overview.ts";
import { runPageSchema } from "../../shared/catalog/queries/runs.ts";
import { trendPointSchema } from "../../shared/catalog/queries/trend.ts";
import { encodeRecord } from "../../shared/runs/record_io.ts";
import { FileStore } from "../../shared/storage/file_store.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { uptake } from "../support/command_line.ts";
import { bearer, testDashboard } from "../support/dashboard.ts";
import { wordsOf } from "../support/results_dashboard.ts";
import { caseOf, resultOf } from "../support/runs.ts";
import { withFolder } from "../support/temporary_folder.ts";
import {
  compared,
  putFinishedRun,
  putResult,
  putRun,
} from "../shared/catalog/homes.ts";

const RUN = "20260101T000000Z-aaaaaa";
const RECORD = `runs/${RUN}/results/c2.json`;

const text = (value: string) => new TextEncoder().encode(value);

/** Three cases of Dice 0.5, 0.1 and 0.7, the second of which is damaged in some way. */
async function withHome(
  use: (home: ObjectStore, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const home = new FileStore(folder);
    await putFinishedRun(home, RUN, [0.5, 0.1, 0.7]);
    await use(home, folder);
  });
}

async function dashboardOf(home: ObjectStore) {
  const dashboard = await testDashboard({ home });
  const { deps, request, tokens } = dashboard;
  await deps.indexer.refresh(deps.signal);
  const get = async (path: string) => {
    const answer = await request(path, {
      headers: { ...bearer(tokens.operator), accept: "text/html" },
    });
    const body = await answer.text();
    expect(`${path} ${answer.status}`).toBe(`${path} 200`);
    return body;
  };
  const json = async <T>(path: string, schema: z.ZodType<T>) =>
    schema.parse(JSON.parse(await get(path)));
  return { ...dashboard, get, json };
}

type Dashboard = Awaited<ReturnType<typeof dashboardOf>>;

/** Everywhere: 2 done with the mean of them, 1 damaged with a reason, none open. */
async function expectOneTruth(
  { get, json }: Dashboard,
  folder: string,
  reason: string,
): Promise<void> {
  const ran = await uptake(folder, ["status", "--run", `runs/${RUN}`]);
  expect(ran.code).toBe(3);
  expect(ran.out).toContain("2 of 3 cases done, 0 failed, 1 damaged, 0 open");
  expect(ran.out.toLowerCase()).toContain(reason.toLowerCase());

  const summed = await uptake(folder, [
    ...["summary", "--run", `runs/${RUN}`, "--json"],
  ]);
  expect(summed.code).toBe(3);
  expect(JSON.parse(summed.out)).toMatchObject({
    summary: {
      coverage: { expected: 3, done: 2, failed: 0, damaged: 1, missing: 0 },
    },
    damaged: ["c2"],
  });

  // First: whoever opens it has a finished run looked at again.
  const page = await get(`/runs/${RUN}`);
  const words = wordsOf(page);
  expect(words).toContain(
    "Finished 2 of 3 cases done, 0 failed , 1 damaged , 0 open",
  );
  expect(words).toContain("Damaged Case &quot;c2&quot; has a record");
  expect(words).toContain(reason);
  expect(page).toContain(`href="/runs/${RUN}?state=damaged"`);
  expect(page).toContain(`href="/diagnostics?runId=${RUN}"`);
  expect(wordsOf(await get(`/runs/${RUN}?state=damaged`)))
    .toContain(`c2 Damaged ${reason}`);
  expect(wordsOf(await get(`/runs/${RUN}/cases/c2`))).toContain("Damaged");

  expect(wordsOf(await get("/runs"))).toContain("Finished 1 damaged");
  const coverage = { nExpected: 3, nDone: 2, nFailed: 0, nDamaged: 1 };
  const runs = await json("/api/v1/runs", runPageSchema);
  expect(runs.items).toMatchObject([
    { ...coverage, nMissing: 0, meanDice: 0.6, state: "finished" },
  ]);

  expect(wordsOf(await get("/"))).toContain("2 of 3 1 damaged");
  const overview = await json("/api/v1/overview", overviewPageSchema);
  expect(overview.items).toMatchObject([{ ...coverage, nMissing: 0 }]);
  const { dataset } = overview.items[0]!;
  expect(
    await json(
      `/api/v1/trend?dataset=${dataset.key}`,
      z.array(trendPointSchema),
    ),
  ).toMatchObject([
    { ...coverage, aggregate: { metrics: { dice: { mean: 0.6 } } } },
  ]);

  const exported = await get(`/runs/${RUN}/cases.csv`);
  const [head, ...rows] = exported.trimEnd().split("\r\n")
    .map((line) => line.split(","));
  const column = (row: string[], name: string) => row[head!.indexOf(name)];
  expect(rows.map((row) => [
    ...["caseId", "state", "dice"].map((name) => column(row, name)),
  ])).toEqual([
    ["c1", "done", "0.5"],
    ["c2", "damaged", ""],
    ["c3", "done", "0.7"],
  ]);
  expect(exported).toContain(reason);
  const { cases } = JSON.parse(await get(`/runs/${RUN}/cases.json`));
  expect(cases[1]).toMatchObject({
    caseId: "c2",
    state: "damaged",
    figures: null,
    damage: expect.stringContaining(reason),
  });
  const damaged = await json(
    `/api/v1/runs/${RUN}/cases?state=damaged`,
    casePageSchema,
  );
  expect(damaged).toMatchObject({ total: 1, items: [{ caseId: "c2" }] });

  const diagnosed = await get("/diagnostics");
  expect(wordsOf(diagnosed)).toContain(`${RECORD} c2 ${reason}`);
  expect(diagnosed).toContain(`href="/runs/${RUN}/cases/c2"`);
}

Deno.test("a result that is no JSON is one damaged case everywhere", async () => {
  await withHome(async (home, folder) => {
    await home.put(RECORD, text("{ cut"));
    await expectOneTruth(await dashboardOf(home), folder, "It is not JSON");
  });
});

Deno.test("a result of another run is one damaged case everywhere, and its figures count nowhere", async () => {
  await withHome(async (home, folder) => {
    const foreign = resultOf("c2", "a", {
      runId: "20250101T000000Z-ffffff",
      metrics: compared(0.99),
    });
    await home.put(RECORD, encodeRecord(foreign));
    await expectOneTruth(
      await dashboardOf(home),
      folder,
      "It is of the run 20250101T000000Z-ffffff",
    );
  });
});

Deno.test("a result that is damaged after it was indexed is one damaged case everywhere", async () => {
  await withHome(async (home, folder) => {
    const dashboard = await dashboardOf(home);
    expect(wordsOf(await dashboard.get("/runs"))).not.toContain("damaged");
    await home.put(RECORD, text("{ cut"));
    await expectOneTruth(dashboard, folder, "It is not JSON");
  });
});

Deno.test("a damaged result that is mended counts again everywhere", async () => {
  await withHome(async (home, folder) => {
    const sound = (await home.get(RECORD))!.body;
    await home.put(RECORD, text("{ cut"));
    const { get, clock } = await dashboardOf(home);
    expect(wordsOf(await get(`/runs/${RUN}`))).toContain("1 damaged");
    await home.put(RECORD, sound);
    clock.advance(60_000);
    expect(wordsOf(await get(`/runs/${RUN}`))).toContain(
      "Finished 3 of 3 cases done, 0 failed , 0 open",
    );
    expect(wordsOf(await get("/diagnostics"))).not.toContain(RECORD);
    const ran = await uptake(folder, ["status", "--run", `runs/${RUN}`]);
    expect([ran.code, ran.out.split("\n")[0]]).toEqual([
      0,
      `Run ${RUN}: 3 of 3 cases done, 0 failed, 0 open`,
    ]);
  });
});

Deno.test("a run that goes on tells of damaged cases on its page and in its events alike", async () => {
  await withFolder(async (folder) => {
    const home = new FileStore(folder);
    const ids = ["c1", "c2", "c3"];
    await putRun(home, RUN, { cases: ids.map((id) => caseOf(id)) });
    await putResult(home, RUN, "c1", compared(0.5));
    await home.put(RECORD, text("{ cut"));
    const { get, request, tokens } = await dashboardOf(home);
    const expected = "1 of 3 cases done, 0 failed , 1 damaged , 1 open";
    expect(wordsOf(await get(`/runs/${RUN}`))).toContain(expected);
    const answer = await request(`/runs/${RUN}/events`, {
      headers: bearer(tokens.viewer),
    });
    const reader = answer.body!.pipeThrough(new TextDecoderStream())
      .getReader();
    let told = "";
    while (!told.includes("event: cases")) {
      told += (await reader.read()).value ?? "";
    }
    await reader.cancel();
    expect(wordsOf(told.replaceAll(/\ndata: ?/g, " "))).toContain(expected);
    const ran = await uptake(folder, ["status", "--run", `runs/${RUN}`]);
    expect(ran.out).toContain("1 of 3 cases done, 0 failed, 1 damaged, 1 open");
  });
});

Deno.test("a finished run whose committed mask is gone says so on its page, and its case stays done", async () => {
  await withHome(async (home, folder) => {
    const result = resultOf("c2", "a", {
      runId: RUN,
      metrics: compared(0.1),
      outputs: [{
        name: "mask.nii.gz",
        key: "attempts/c2/a/mask.nii.gz",
        bytes: 3,
        sha256: "0".repeat(64),
      }],
    });
    await home.put(RECORD, encodeRecord(result));
    const summary = ["summary", "--run", `runs/${RUN}`];
    expect((await uptake(folder, summary)).code).toBe(3);
    const { get } = await dashboardOf(home);
    const words = wordsOf(await get(`/runs/${RUN}`));
    expect(words).toContain("Finished 3 of 3 cases done, 0 failed , 0 open");
    expect(words).toContain("attempts/c2/a/mask.nii.gz");
    const ran = await uptake(folder, ["status", "--run", `runs/${RUN}`]);
    expect(ran.code).toBe(3);
    expect(ran.out).toContain("3 of 3 cases done, 0 failed, 0 open");
  });
});
