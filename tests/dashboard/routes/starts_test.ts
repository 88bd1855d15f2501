/** @module Starting what was planned, by the real operations over a folder. */
import { expect } from "@std/expect";
import { readJson } from "../../support/datasets.ts";
import { withDataset } from "../../support/operations.ts";
import {
  operationsDashboard,
  planned,
  registered,
  runsIn,
} from "../../support/operations_dashboard.ts";
import { wordsOf } from "../../support/results_dashboard.ts";

Deno.test("what was planned starts once, exactly so, and leads to its run", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder);
    const fields = await registered(folder, dashboard);
    const id = await planned(dashboard, { ...fields, overlap: "0.25" });
    // What comes later is not part of what was seen.
    await Deno.copyFile(
      `${folder}/data/imagesTr/a.nii.gz`,
      `${folder}/data/imagesTr/late.nii.gz`,
    );
    const [started, again] = await Promise.all([
      dashboard.post("/submit/start", { plan: id }),
      dashboard.post("/submit/start", { plan: id }),
    ]);
    expect([started.status, again.status].sort()).toEqual([303, 409]);
    const [runId, ...others] = runsIn(folder);
    expect(others).toEqual([]);
    const first = started.status === 303 ? started : again;
    expect(first.headers.get("location")).toBe(`/runs/${runId}`);
    expect((await dashboard.get(`/runs/${runId}`)).status).toBe(200);
    const run = await readJson(`${folder}/home/runs/${runId}/run.json`);
    expect(run.options.overlap).toBe(0.25);
    expect(run.checkpoints[0].sha256).toBe(fields.checkpoint);
    expect(run.cases.map(({ caseId }: { caseId: string }) => caseId)).toEqual([
      "a",
      "b",
      "bad",
    ]);
    const gone = await dashboard.get(`/submit?plan=${id}`);
    expect(gone.status).toBe(404);
    const actions = (await dashboard.audited())
      .filter(({ route }) => route === "/submit/start")
      .map(({ actor, action, outcome, details }) => [
        actor,
        action,
        outcome,
        details,
      ]);
    const plan = { plan: id };
    expect(actions.sort()).toEqual([
      ["the operator", "change", "done", { ...plan, runIds: runId }],
      ["the operator", "change", "refused", plan],
    ]);
  });
});

Deno.test("nothing starts without --allow-submit, and the pages say so", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder, { allowSubmit: false });
    const fields = await registered(folder, dashboard);
    const id = await planned(dashboard, { ...fields, secondsPerWindow: "1" });
    const text = await dashboard.words(`/submit?plan=${id}`);
    expect(text).toContain("started without --allow-submit");
    expect(text).not.toContain("exactly as planned");
    const answer = await dashboard.post("/submit/start", { plan: id });
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain("without --allow-submit");
    expect(runsIn(folder)).toEqual([]);
  });
});

Deno.test("a very large plan is not started without a tick", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder);
    const fields = await registered(folder, dashboard);
    const id = await planned(dashboard, {
      ...fields,
      secondsPerWindow: "1000000",
    });
    const plan = { plan: id };
    const refused = await dashboard.post("/submit/start", plan);
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain("This takes about");
    expect(runsIn(folder)).toEqual([]);
    const started = await dashboard.post("/submit/start", {
      ...plan,
      large: "true",
    });
    await started.body?.cancel();
    expect(runsIn(folder)).toHaveLength(1);
  });
});

Deno.test("a run per checkpoint takes one registered for each fold, and does that fold's cases", async () => {
  await withDataset(async (folder) => {
    const path = `${folder}/data/dataset.json`;
    const dataset = await readJson(path);
    dataset.training.forEach((item: { fold?: number }, n: number) =>
      item.fold = n % 2
    );
    await Deno.writeTextFile(path, JSON.stringify(dataset));
    const dashboard = await operationsDashboard(folder);
    const { checkpoint: first } = await registered(folder, dashboard);
    const file = await Deno.readFile(`${folder}/nano.safetensors`);
    file[file.length - 4]! ^= 1;
    const second = await dashboard.upload("name=b&family=tiny&fold=1", file);
    const { sha256: last } = await second.json();
    const fields = {
      dataset: `file://${folder}/data`,
      folds: "each",
      secondsPerWindow: "1",
    };
    const wrong = await dashboard.post("/submit", {
      ...fields,
      checkpoint: last,
    });
    expect(wordsOf(await wrong.text())).toContain("b is of fold 1");
    const id = await planned(dashboard, {
      ...fields,
      checkpoint: [last, first],
    });
    expect(await dashboard.words(`/submit?plan=${id}`)).toContain(
      "2 runs, exactly as planned",
    );
    const started = await dashboard.post("/submit/start", { plan: id });
    expect(started.headers.get("location")).toBe("/runs");
    const runs = await Promise.all(
      runsIn(folder).map((runId) =>
        readJson(`${folder}/home/runs/${runId}/run.json`)
      ),
    );
    const ids = (cases: { caseId: string }[]) =>
      cases.map(({ caseId }) => caseId);
    expect(
      runs.map(({ dataset: { fold }, checkpoints: [{ sha256 }], cases }) => [
        fold,
        sha256,
        ids(cases),
      ]).sort(),
    ).toEqual([[0, first, ["a", "bad"]], [1, last, ["b"]]]);
  });
});
