/** @module Planning, starting and registering, by the real operations over a folder. */
import { expect } from "@std/expect";
import { storeOpener } from "../../../jobs/cli/context.ts";
import { DISPATCH_EXAMPLES } from "../../../shared/dispatch/dispatch_examples.ts";
import { sha256 } from "../../../shared/runs/sha256.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { bearer, testDashboard } from "../../support/dashboard.ts";
import { readJson } from "../../support/datasets.ts";
import { stepped } from "../../support/memory_store.ts";
import { operationsOf, withDataset } from "../../support/operations.ts";
import {
  type Fields,
  type OperationsDashboard,
  operationsDashboard,
  registered,
  runsIn,
} from "../../support/operations_dashboard.ts";
import { wordsOf } from "../../support/results_dashboard.ts";

/** The id of a plan from where its form leads. */
async function planned(
  dashboard: OperationsDashboard,
  fields: Fields,
): Promise<string> {
  const answer = await dashboard.post("/submit", fields);
  expect(`${answer.status} ${wordsOf(await answer.text())}`).toBe("303 ");
  return answer.headers.get("location")!.split("plan=")[1]!;
}

Deno.test("a plan tells cases, what is in the way and why, windows and time, and starts nothing", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder);
    const fields = await registered(folder, dashboard);
    const id = await planned(dashboard, {
      ...fields,
      overlap: "0.25",
      secondsPerWindow: "90",
    });
    const text = await dashboard.words(`/submit?plan=${id}`);
    expect(text).toContain("Cases to segment 2");
    expect(text).toContain("Of them with a label 1");
    expect(text).toContain("Unmatched files 1");
    expect(text).toContain("imagesTr/missing.nii.gz");
    expect(text).toContain("Unreadable cases 1");
    const [, windows] = /Windows, at most (\d+)/.exec(text)!;
    const minutes = Number(windows) * 1.5;
    expect(text).toContain(
      `Time, about ${
        minutes % 1 === 0 ? `${minutes} min` : `${minutes - 0.5} min 30 s`
      }`,
    );
    expect(text).toContain("Overlap of windows (part of one) 0.25");
    expect(runsIn(folder)).toEqual([]);
  });
});

Deno.test("a plan for workers elsewhere has a time and a cost where speed and price are told", async () => {
  await withDataset(async (folder) => {
    await Deno.writeTextFile(
      `${folder}/batch.yaml`,
      DISPATCH_EXAMPLES["aws-batch"],
    );
    // A bucket that is the folder in truth.
    const local = storeOpener(folder, {});
    const open = (location: string): ObjectStore => {
      const store = local(location.replace("s3://bucket", folder));
      if (!location.startsWith("s3://")) return store;
      return { ...stepped(store, () => Promise.resolve()), location };
    };
    const operations = operationsOf(folder, {
      dispatches: [{ dispatch: "aws-batch", dispatchConfig: "batch.yaml" }],
      workers: 2,
    }, { open });
    const file = await Deno.readFile(`${folder}/nano.safetensors`);
    const planned = async (options: Record<string, string>, store: string) => {
      const made = await operations.plan({
        dataset: `${store}/data`,
        checkpoints: [{
          location: `${store}/nano.safetensors`,
          sha256: await sha256(file),
        }],
        folds: "all",
        options,
        dispatch: "aws-batch",
      });
      if ("refused" in made) return made.refused;
      const { windows, seconds, cost } = made.done.runs[0]!;
      return { windows, seconds, cost };
    };
    const known = await planned({ secondsPerWindow: "3600" }, "s3://bucket");
    if (typeof known === "string") throw new Error(known);
    // Two workers; an hour of each costs 1.20.
    expect(known.seconds).toBe(known.windows * 3600 / 2);
    expect(known.cost?.amount).toBeCloseTo(known.windows * 1.2, 9);
    expect(known.cost?.currency).toBe("EUR");
    expect(await planned({}, "s3://bucket")).toMatchObject({
      seconds: null,
      cost: null,
    });
    expect(await planned({}, `file://${folder}`)).toContain(
      "lies on this machine, where workers of aws-batch cannot reach it",
    );
  });
});

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

Deno.test("only datasets and checkpoints of the list are read", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder, { datasets: [] });
    const fields = await registered(folder, dashboard);
    const form = await dashboard.words("/submit");
    expect(form).toContain("There is no dataset");
    for (
      const [change, sentence] of [
        [{}, "it is not one of those that may be chosen"],
        [{ dataset: "/etc" }, "it is not one of those that may be chosen"],
        [{ dataset: "" }, "Choose a dataset"],
      ] as const
    ) {
      const other = await operationsDashboard(folder, { datasets: [folder] });
      const answer = await other.post("/submit", { ...fields, ...change });
      expect(answer.status).toBe(422);
      expect(await answer.text()).toContain(sentence);
    }
    const other = await operationsDashboard(folder);
    const unknown = await other.post("/submit", {
      ...fields,
      checkpoint: [fields.checkpoint, "0".repeat(64)],
    });
    expect(unknown.status).toBe(422);
    expect(await unknown.text()).toContain("may be chosen any more");
  });
});

Deno.test("datasets and checkpoints of runs are offered while their file is the one that was used", async () => {
  await withDataset(async (folder) => {
    const first = await operationsDashboard(folder);
    const fields = await registered(folder, first);
    const id = await planned(first, { ...fields, secondsPerWindow: "1" });
    await (await first.post("/submit/start", { plan: id })).body?.cancel();
    const file = `${folder}/home/checkpoints/nano.safetensors`;
    await Deno.remove(`${folder}/home/checkpoints/nano.json`);

    const dashboard = await operationsDashboard(folder, { datasets: [] });
    await dashboard.deps.indexer.refresh(dashboard.deps.signal);
    const form = await dashboard.words("/submit");
    expect(form).toContain(`(file://${folder}/data)`);
    expect(form).toContain("Of a run, not registered");
    await planned(dashboard, { ...fields, secondsPerWindow: "1" });

    // Still a checkpoint, with another weight.
    const other = await Deno.readFile(file);
    other[other.length - 4]! ^= 1;
    await Deno.writeFile(file, other);
    const changed = await dashboard.post("/submit", fields);
    expect(changed.status).toBe(422);
    expect(await changed.text()).toContain("another file is there now");
    await Deno.remove(file);
    const gone = await dashboard.post("/submit", fields);
    expect(await gone.text()).toContain("There is no checkpoint");
  });
});

Deno.test("options are refused as the command line refuses them, and the form keeps what was typed", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder);
    const fields = await registered(folder, dashboard);
    for (
      const [wrong, sentence] of [
        [{ roi: "7" }, "takes three whole numbers of voxels"],
        [
          { overlap: "1" },
          "Overlap of windows (part of one) must be less than 1",
        ],
        [
          { overlap: "0,5" },
          "Overlap of windows (part of one) must be a number, such as 0.5",
        ],
        [{ minLesionMl: "-1" }, "Smallest lesion (ml) must be 0 or more"],
        [{ folds: "3" }, "its cases have no folds"],
        [{ folds: "each" }, null],
      ] as const
    ) {
      const answer = await dashboard.post("/submit", { ...fields, ...wrong });
      expect(answer.status).toBe(422);
      const text = await answer.text();
      if (sentence !== null) expect(wordsOf(text)).toContain(sentence);
      if ("roi" in wrong) expect(text).toContain('value="7"');
      expect(text).not.toContain("Invalid");
      if ("overlap" in wrong) {
        expect(text).toMatch(
          /<input name="overlap"[^>]*aria-invalid="true" aria-describedby="wrong-overlap"/,
        );
        expect(text).toContain('id="wrong-overlap"');
      }
    }
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

Deno.test("a checkpoint is registered only when it is one", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder);
    expect(await dashboard.words("/checkpoints")).toContain(
      "No checkpoint is registered",
    );
    const garbage = new TextEncoder().encode("no checkpoint at all");
    const refused = await dashboard.upload("name=garbage", garbage);
    expect(refused.status).toBe(422);
    const { error } = await refused.json();
    expect(error.message).toContain("The safetensors file has another format");
    const file = await Deno.readFile(`${folder}/nano.safetensors`);
    const named = await dashboard.upload("name=..%2Ftokens%2Fa", file);
    expect(named.status).toBe(422);
    expect((await named.json()).error.message).toContain(
      "Cannot call a checkpoint",
    );
    const keys = await Array.fromAsync(dashboard.home.list("checkpoints/"));
    expect(keys).toEqual([]);

    await registered(folder, dashboard);
    const stored = await dashboard.home.get("checkpoints/nano.safetensors");
    expect(stored?.body).toEqual(file);
    const list = await dashboard.words("/checkpoints");
    expect(list).toMatch(/nano tiny Fold 0 \d{4}-\d{2}-\d{2}/);
    const again = await dashboard.upload("name=nano&family=tiny&fold=0", file);
    expect(await again.json()).toMatchObject({ isNew: false });
    const other = await dashboard.upload("name=nano&family=other", file);
    expect(other.status).toBe(422);
    const second = await dashboard.upload("name=again&family=x", file);
    expect(second.status).toBe(422);
    expect((await second.json()).error.message).toContain(
      "already registered as nano (tiny, fold 0)",
    );
  });
});

Deno.test("pages of operators are named to operators only, and say when nothing can be done from here", async () => {
  const { request, tokens } = await testDashboard();
  const ask = async (role: "viewer" | "operator", path: string) =>
    wordsOf(
      await (await request(path, {
        headers: { ...bearer(tokens[role]), accept: "text/html" },
      })).text(),
    );
  expect(await ask("viewer", "/")).not.toContain("Checkpoints");
  expect(await ask("operator", "/")).toContain("Submit Checkpoints");
  for (const path of ["/submit", "/checkpoints"]) {
    expect(await ask("operator", path)).toContain("shows results only");
  }
});

Deno.test("a location may be typed under a root, is planned, and stands in the form again", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder, {
      datasets: [],
      datasetRoots: [folder],
    });
    const { dataset, checkpoint } = await registered(folder, dashboard);
    const form = await dashboard.words("/submit");
    expect(form).toContain(`Its location, under file://${folder}`);
    const typed = { location: ` ${dataset}/ `, checkpoint };
    const id = await planned(dashboard, { ...typed, secondsPerWindow: "1" });
    const plan = await dashboard.words(`/submit?plan=${id}`);
    expect(plan).toContain("Cases to segment 2");
    for (
      const [location, sentence] of [
        ["file:///etc", `only what lies under ${folder} may be read from here`],
        ["http://169.254.169.254/", "give s3://bucket/prefix"],
        [`${folder}/nothing`, "nothing"],
      ] as const
    ) {
      const answer = await dashboard.post("/submit", { ...typed, location });
      expect(answer.status).toBe(422);
      const text = await answer.text();
      expect(wordsOf(text)).toContain(sentence);
      expect(text).toContain(`value="${location}"`);
    }
    // Whatever a record of a run says stays the home's own word.
    const api = await dashboard.send("/api/v1/plans", {
      dataset: "file:///etc",
      checkpoints: [checkpoint],
    });
    expect(api.status).toBe(422);
    await api.body?.cancel();
  });
});

Deno.test("a dataset of the list goes before one that was typed, and the typed one counts where that is chosen", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder, {
      datasetRoots: [folder],
    });
    const fields = {
      ...await registered(folder, dashboard),
      location: "file:///etc",
      secondsPerWindow: "1",
    };
    const id = await planned(dashboard, fields);
    expect(await dashboard.words(`/submit?plan=${id}`))
      .toContain("Cases to segment 2");
    const typed = { ...fields, dataset: "typed" };
    const answer = await dashboard.post("/submit", typed);
    expect(answer.status).toBe(422);
    expect(await answer.text()).toMatch(
      /<option value="typed" selected>\s*Another, typed below/,
    );
  });
});

Deno.test("an only dataset and an only checkpoint are chosen at once, of several none is", async () => {
  await withDataset(async (folder) => {
    const one = await operationsDashboard(folder);
    await registered(folder, one);
    const only = await (await one.get("/submit")).text();
    expect(only).not.toContain("Choose a dataset");
    expect(only).toMatch(/name="checkpoint"[^>]* checked/);
    const several = await operationsDashboard(folder, {
      datasets: [`${folder}/data`, `${folder}/other`],
    });
    const listed = await (await several.get("/submit")).text();
    expect(listed).toMatch(
      /<select name="dataset" required>\s*<option value="">Choose a dataset/,
    );
  });
});

Deno.test("of several schedulers the form offers each, and the plan is for the one that is chosen", async () => {
  await withDataset(async (folder) => {
    await Deno.writeTextFile(
      `${folder}/batch.yaml`,
      DISPATCH_EXAMPLES["aws-batch"],
    );
    const dashboard = await operationsDashboard(folder, {
      dispatches: [
        { dispatch: "local" },
        { dispatch: "aws-batch", dispatchConfig: "batch.yaml" },
      ],
      workers: 3,
    });
    const fields = await registered(folder, dashboard);
    const form = await dashboard.words("/submit");
    expect(form).toContain("3 workers on this machine 3 workers on AWS Batch");
    const id = await planned(dashboard, { ...fields, secondsPerWindow: "1" });
    expect(await dashboard.words(`/submit?plan=${id}`)).toContain(
      "Workers 3 workers on this machine",
    );
    const elsewhere = { ...fields, dispatch: "aws-batch" };
    const answer = await dashboard.post("/submit", elsewhere);
    const text = await answer.text();
    expect(wordsOf(text)).toContain(
      "where workers of aws-batch cannot reach it",
    );
    expect(text).toContain('<option value="aws-batch" selected>');
    const none = { ...fields, dispatch: "kubernetes" };
    const refused = await dashboard.post("/submit", none);
    expect(await refused.text()).toContain("cannot run on kubernetes");
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

Deno.test("only folds are offered that something has", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder);
    await registered(folder, dashboard);
    const html = await (await dashboard.get("/submit")).text();
    expect([...html.matchAll(/Only fold (\d+)/g)].map(([, fold]) => fold))
      .toEqual(["0"]);
  });
});
