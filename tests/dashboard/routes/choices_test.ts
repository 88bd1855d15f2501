/** @module Which datasets and checkpoints a run may be planned with, by the real operations over a folder. */
import { expect } from "@std/expect";
import { bearer, testDashboard } from "../../support/dashboard.ts";
import { withDataset } from "../../support/operations.ts";
import {
  operationsDashboard,
  planned,
  registered,
} from "../../support/operations_dashboard.ts";
import { wordsOf } from "../../support/results_dashboard.ts";

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
