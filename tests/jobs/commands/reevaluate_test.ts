/** @module `uptake reevaluate`: nights over a home, as users and schedulers meet them. */
import { expect } from "@std/expect";
import { datasetIndexSchema } from "../../../shared/datasets/dataset_index.ts";
import {
  comparisonRecordSchema,
  evaluationSchema,
} from "../../../shared/runs/home/records.ts";
import { segmentRunSchema } from "../../../shared/runs/records.ts";
import { readJson, writeDataset } from "../../support/datasets.ts";
import {
  evaluationsOf,
  LABELLED,
  namesIn,
  night,
  register,
  withLabelledData,
} from "../../support/homes.ts";

Deno.test("reevaluate evaluates and compares, names what got worse with its flips, and exits with 4", async () => {
  await withLabelledData(async (folder) => {
    await register(folder, "v1", "fair");
    await register(folder, "v2", "good");
    await register(folder, "v3", "nothing");
    const { code, out, err } = await night(folder, ["data"]);
    expect(err).toBe("");
    expect(code).toBe(4);
    expect(out).toMatch(
      /v1 .* may have seen these .* 2 │ 0\.147 │ 53\.2 \(n 2\)/,
    );
    expect(out).toMatch(
      /v2 +│ v1 \(predecessor, best\) .* \+0\.262 \[\+0\.262, \+0\.262\] │ better, n 2/,
    );
    expect(out).toMatch(
      /v3 +│ v2 \(predecessor, best\) │ -0\.408 \[-0\.408, -0\.408\] │ worse, n 2/,
    );
    expect(out).toMatch(/ 2 │ 0\.000 │ +- \(n 0\)/);
    expect(out).toContain(
      "v3 is worse than v2 (its predecessor and the best) on data, n 2; 2 cases flipped:\n" +
        "  a, tumour: found -> missed, Dice 0.408 -> 0.000\n" +
        "  b, tumour: found -> missed, Dice 0.408 -> 0.000\n" +
        "3 evaluations made, 0 known, 0 skipped",
    );

    const home = `${folder}/home`;
    const index = datasetIndexSchema.parse(
      await readJson(`${home}/datasets/data.json`),
    );
    expect(index.cases).toHaveLength(3);
    const [file] = namesIn(`${home}/evaluations`);
    const evaluation = evaluationSchema.parse(
      await readJson(`${home}/evaluations/${file}`),
    );
    expect(evaluation).toMatchObject({
      dataset: { name: "data", digest: index.digest },
      cases: "all",
    });
    const run = segmentRunSchema.parse(
      await readJson(`${home}/runs/${evaluation.runId}/run.json`),
    );
    expect(run.checkpoints[0]!.sha256).toBe(evaluation.checkpoint.sha256);
    expect(run.cases.map(({ caseId }) => caseId)).toEqual(["a", "b"]);
    const comparisons = await Promise.all(
      namesIn(`${home}/comparisons`).map(async (name) =>
        comparisonRecordSchema.parse(
          await readJson(`${home}/comparisons/${name}`),
        )
      ),
    );
    expect(
      comparisons.map(({ after, before, why, verdict }) =>
        `${after.name} ${why} ${before.name} ${verdict}`
      ).sort(),
    ).toEqual([
      "v1 best v2 worse",
      "v2 best v1 better",
      "v2 predecessor v1 better",
      "v3 best v2 worse",
      "v3 predecessor v2 worse",
    ]);
  });
});

Deno.test("reevaluate computes nothing on an unchanged night, and all of a dataset that has changed", async () => {
  await withLabelledData(async (folder) => {
    await register(folder, "v1", "good");
    await register(folder, "v2", "nothing");
    expect((await night(folder, ["data"])).code).toBe(4);
    const records = () =>
      ["runs", "evaluations", "comparisons"].map((name) =>
        namesIn(`${folder}/home/${name}`)
      );
    const before = records();
    const index = await Deno.stat(`${folder}/home/datasets/data.json`);

    const again = await night(folder, ["data"]);
    expect(again.code).toBe(4);
    expect(again.events).toEqual([]);
    expect(again.out).toContain("0 evaluations made, 2 known, 0 skipped");
    expect(again.out).toContain("v2 is worse than v1");
    expect(records()).toEqual(before);
    expect((await Deno.stat(`${folder}/home/datasets/data.json`)).mtime)
      .toEqual(index.mtime);

    await writeDataset(`${folder}/data`, { a: LABELLED, d: LABELLED });
    const changed = await night(folder, ["data"], ["--json"]);
    expect(evaluationsOf(changed).map(({ isNew }) => isNew))
      .toEqual([true, true]);
    expect((await readJson(`${folder}/home/datasets/data.json`)).cases[1])
      .toMatchObject({ caseId: "d" });
    expect(records().map(({ length }) => length))
      .toEqual(before.map(({ length }) => 2 * length));

    const otherwise = await night(folder, ["data"], ["--overlap", "0"]);
    expect(otherwise.out).toContain("2 evaluations made, 0 known");
  });
});

Deno.test("reevaluate exits with 0 once the newest is not worse any more", async () => {
  await withLabelledData(async (folder) => {
    await register(folder, "v1", "fair");
    await register(folder, "v2", "nothing");
    expect((await night(folder, ["data"])).code).toBe(4);
    await register(folder, "v3", "good");
    const mended = await night(folder, ["data"]);
    expect(mended.code).toBe(0);
    expect(mended.out).toContain("1 evaluation made, 2 known, 0 skipped");
    expect(mended.out).not.toContain("is worse than");
    // v2 is compared with another best now, and nothing else is.
    expect(mended.out).toMatch(/v2 +│ v1 \(predecessor\) .* worse, n 2 /);
    expect(mended.out).toMatch(/v2 +│ v3 \(best\) .* worse, n 2 /);
  });
});

Deno.test("reevaluate makes no verdict from a single case", async () => {
  await withLabelledData(async (folder) => {
    await writeDataset(`${folder}/single`, { a: LABELLED });
    await register(folder, "v1", "good");
    await register(folder, "v2", "nothing");
    const { code, out } = await night(folder, ["single"]);
    expect(code).toBe(0);
    expect(out).toMatch(/v2 +│ v1 \(predecessor, best\) │ - +│ too few, n 1 │/);
    expect(namesIn(`${folder}/home/comparisons`)).toEqual([]);
  });
});

Deno.test("reevaluate --dry-run lists what it would do and skip, and writes nothing", async () => {
  await withLabelledData(async (folder) => {
    await writeDataset(`${folder}/bare`, { x: {} });
    await register(folder, "v1", "good");
    const before = namesIn(`${folder}/home`);
    const { code, out } = await night(folder, ["data", "bare"], ["--dry-run"]);
    expect(code).toBe(0);
    expect(out).toBe(
      "Evaluate: v1 on data: 2 labelled cases, may have seen these\n" +
        "Skip: v1 on bare: the dataset has no labelled case",
    );
    expect(namesIn(`${folder}/home`)).toEqual(before);
  });
});
