/** @module `uptake reevaluate` of checkpoints that were trained on folds. */
import { expect } from "@std/expect";
import { withNanoCheckpoint } from "../../support/command_line.ts";
import { writeDataset, writeFiles } from "../../support/datasets.ts";
import {
  evaluationsOf,
  LABELLED,
  night,
  register,
  withLabelledData,
} from "../../support/homes.ts";

Deno.test("reevaluate gives a checkpoint its own fold's cases of the dataset it was trained on, all of others", async () => {
  await withNanoCheckpoint(async (folder) => {
    const cases = { a: LABELLED, b: LABELLED, c: LABELLED, d: {} };
    await writeDataset(`${folder}/data`, cases);
    await writeDataset(`${folder}/other`, { x: LABELLED });
    await writeFiles(`${folder}/data`, {
      "splits_final.json": JSON.stringify([
        { train: ["b", "c"], val: ["a", "d"] },
        { train: ["a"], val: ["b", "c"] },
      ]),
    });
    const training = { dataset: "data" };
    await register(folder, "f0", "good", {
      training: { ...training, fold: 0 },
    });
    await register(folder, "f1", "fair", {
      training: { ...training, fold: 1 },
    });
    await register(folder, "f7", "fair", {
      training: { ...training, fold: 7 },
    });
    await register(folder, "none", "everything", { training });
    await register(folder, "unknown", "nothing");

    const ran = await night(folder, ["data", "other"], ["--json"]);
    // One case gives no interval, so that nobody is called worse.
    expect(ran.code).toBe(0);
    const { skipped, comparisons } = JSON.parse(ran.out);
    expect(
      evaluationsOf(ran).map(({ checkpoint, dataset, n, cases, seen }) => [
        checkpoint.name,
        dataset.name,
        n,
        cases,
        seen,
      ]),
    ).toEqual([
      ["f0", "data", 1, { fold: 0 }, "validation fold"],
      ["f0", "other", 1, "all", "no"],
      ["f1", "data", 2, { fold: 1 }, "validation fold"],
      ["f1", "other", 1, "all", "no"],
      ["f7", "other", 1, "all", "no"],
      ["none", "other", 1, "all", "no"],
      ["unknown", "data", 3, "all", "unknown"],
      ["unknown", "other", 1, "all", "unknown"],
    ]);
    expect(skipped).toEqual([
      {
        checkpoint: "f7",
        dataset: "data",
        reason:
          "it was trained on this dataset, of fold 7, and the labelled cases have the folds 0, 1",
      },
      {
        checkpoint: "none",
        dataset: "data",
        reason: "it was trained on this dataset, and of no fold",
      },
    ]);
    interface Told {
      record: { dataset: { name: string } };
    }
    // No two of them have the same cases there.
    expect(
      comparisons.filter(({ record }: Told) => record.dataset.name === "data"),
    ).toEqual([]);
  });
});

Deno.test("reevaluate shows that a fold is worse than the best of another, and alarms nobody", async () => {
  await withLabelledData(async (folder) => {
    const training = { dataset: "another" };
    await register(folder, "f0", "good", {
      training: { ...training, fold: 0 },
    });
    await register(folder, "f1", "nothing", {
      training: { ...training, fold: 1 },
    });
    const { code, out } = await night(folder, ["data"]);
    expect(code).toBe(0);
    expect(out).toMatch(/f1 +│ f0 \(best\) │ -0\.408 .* worse, n 2/);
    expect(out).not.toContain("is worse than");
  });
});

Deno.test("reevaluate holds the newest of a fold against the best of its own, also where another fold has the best", async () => {
  await withLabelledData(async (folder) => {
    const of = (fold: number) => ({ training: { dataset: "another", fold } });
    await register(folder, "f0", "best", of(0));
    await register(folder, "f1-first", "good", of(1));
    await register(folder, "f1-second", "fair", of(1));
    await register(folder, "f1-third", "fairer", of(1));
    const { code, out } = await night(folder, ["data"]);
    // Better than its predecessor, worse than the first of its fold, which f0 outdoes.
    expect(out).toMatch(
      /f1-third +│ f1-second \(predecessor\) .* better, n 2 /,
    );
    expect(out).toMatch(/f1-third +│ f0 \(best\) .* worse, n 2 /);
    expect(out).toMatch(/f1-third +│ f1-first \(best of fold\) .* worse, n 2 /);
    expect(out.match(/ is worse than /g)).toHaveLength(1);
    expect(out).toContain(
      "f1-third is worse than f1-first (the best of its fold) on data, n 2;",
    );
    expect(code).toBe(4);
  });
});
