/** @module Plans of runs, made by the form, by the real operations over a folder. */
import { expect } from "@std/expect";
import { storeOpener } from "../../../jobs/cli/context.ts";
import { DISPATCH_EXAMPLES } from "../../../shared/dispatch/dispatch_examples.ts";
import { sha256 } from "../../../shared/runs/sha256.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { stepped } from "../../support/memory_store.ts";
import { operationsOf, withDataset } from "../../support/operations.ts";
import {
  operationsDashboard,
  planned,
  registered,
  runsIn,
} from "../../support/operations_dashboard.ts";
import { wordsOf } from "../../support/results_dashboard.ts";

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

Deno.test("only folds are offered that something has", async () => {
  await withDataset(async (folder) => {
    const dashboard = await operationsDashboard(folder);
    await registered(folder, dashboard);
    const html = await (await dashboard.get("/submit")).text();
    expect([...html.matchAll(/Only fold (\d+)/g)].map(([, fold]) => fold))
      .toEqual(["0"]);
  });
});
