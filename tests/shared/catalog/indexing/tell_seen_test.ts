/** @module Which figures are of cases that the checkpoint was trained on. */
import { expect } from "@std/expect";
import type { Catalog } from "../../../../shared/catalog/open_catalog.ts";
import { overview } from "../../../../shared/catalog/queries/overview.ts";
import { run } from "../../../../shared/catalog/queries/run.ts";
import { runs } from "../../../../shared/catalog/queries/runs.ts";
import { trend } from "../../../../shared/catalog/queries/trend.ts";
import { datasetOf } from "../../../jobs/evaluation/reevaluate/evaluations.ts";
import { emptyHome, put, putCheckpoint, putFinishedRun } from "../homes.ts";

const A = "20260101T000000Z-aaaaaa";
const B = "20260102T000000Z-bbbbbb";
const KEYS = { a: "a".repeat(64), b: "b".repeat(64) };
const DIGEST = "d".repeat(64);
const ecpc = {
  name: "ecpc",
  location: "s3://scans/ecpc",
  digest: DIGEST,
};
const checkpoint = (letter: "a" | "b") => ({
  name: letter,
  location: `file:///${letter}.safetensors`,
  sha256: KEYS[letter],
});

/** Two cases of fold 0, of Dice 0.5 and 0.7, two of fold 1, of 0.9 and 1. */
async function runOverAll(
  training: Readonly<Record<string, string | number>> | null,
  change: Parameters<typeof putFinishedRun>[3] = {},
) {
  const home = emptyHome();
  await putFinishedRun(home.store, A, [0.5, 0.7, 0.9, 1], {
    dataset: ecpc,
    fold: (n) => Math.floor(n / 2),
    ...change,
  });
  if (training !== null) {
    await putCheckpoint(home.store, "a", KEYS.a, training);
  }
  await home.refresh();
  return home;
}

const seenOf = (catalog: Catalog) =>
  overview(catalog).items.map(({ seen }) => seen);

Deno.test("folds that a checkpoint was trained on are told as such, and are in no mean", async () => {
  const { catalog } = await runOverAll({ fold: 0, dataset: "ecpc" });
  expect(seenOf(catalog)).toEqual(["no", "yes"]);
  expect(run(catalog, A)?.groups.map(({ seen }) => seen)).toEqual([
    "no",
    "yes",
  ]);
  const { dataset } = overview(catalog).items[0]!;
  const points = trend(catalog, { dataset: dataset.key });
  expect(new Map(points.map(({ fold, seen }) => [fold, seen])))
    .toEqual(new Map([[0, "no"], [1, "yes"]]));
  const [row] = runs(catalog).items;
  expect(row).toMatchObject({ nTrainedOn: 2, mayHaveSeen: false });
  expect(row?.meanDice).toBeCloseTo(0.6, 12);
  // Nor is it the best.
  const best = overview(catalog, { sort: "dice" }).items;
  expect(best.map(({ fold }) => fold)).toEqual([0, 1]);
});

Deno.test("the training dataset is known by its name or its digest", async () => {
  const byDigest = { fold: 1, dataset: "another name", datasetDigest: DIGEST };
  expect(seenOf((await runOverAll(byDigest)).catalog)).toEqual(["yes", "no"]);
  const another = { fold: 1, dataset: "hecktor" };
  expect(seenOf((await runOverAll(another)).catalog)).toEqual(["no", "no"]);
  // Whoever is not told leaves it open, but a checkpoint has not seen its own fold.
  expect(seenOf((await runOverAll({ fold: 1 })).catalog))
    .toEqual(["maybe", "no"]);
  expect(seenOf((await runOverAll({})).catalog)).toEqual(["maybe", "maybe"]);
  // Nor does anybody tell of one that is not registered.
  expect(seenOf((await runOverAll(null)).catalog)).toEqual(["maybe", "maybe"]);
});

Deno.test("a checkpoint of no fold was trained on all of its dataset; cases of no fold may be in any", async () => {
  const { catalog } = await runOverAll({ dataset: "ecpc" });
  expect(seenOf(catalog)).toEqual(["yes", "yes"]);
  expect(runs(catalog).items[0]).toMatchObject({
    meanDice: null,
    nTrainedOn: 4,
  });
  const home = emptyHome();
  await putFinishedRun(home.store, A, [0.5], { dataset: ecpc });
  await putCheckpoint(home.store, "a", KEYS.a, { fold: 0, dataset: "ecpc" });
  await home.refresh();
  expect(seenOf(home.catalog)).toEqual(["maybe"]);
  expect(runs(home.catalog).items[0]).toMatchObject({
    meanDice: 0.5,
    mayHaveSeen: true,
  });
});

Deno.test("of checkpoints that are averaged one that has seen the cases is enough", async () => {
  const { store, catalog, refresh } = await runOverAll(
    { fold: 0, dataset: "ecpc" },
    { checkpoints: [checkpoint("a"), checkpoint("b")] },
  );
  // The other one is not registered.
  expect(seenOf(catalog)).toEqual(["maybe", "yes"]);
  await putCheckpoint(store, "b", KEYS.b, { fold: 1, dataset: "ecpc" });
  await refresh();
  expect(seenOf(catalog)).toEqual(["yes", "yes"]);
});

Deno.test("what is registered or named later is told of runs that were indexed before", async () => {
  const { store, catalog, refresh } = await runOverAll(null);
  await putCheckpoint(store, "a", KEYS.a, { fold: 0, dataset: "ECPC 2022" });
  await refresh();
  expect(seenOf(catalog)).toEqual(["no", "no"]);
  await put(
    store,
    "datasets/ECPC 2022.json",
    datasetOf({ c1: {} }, { name: "ECPC 2022", location: ecpc.location }),
  );
  await refresh();
  expect(seenOf(catalog)).toEqual(["no", "yes"]);
});

Deno.test("a name that another run gives the dataset counts for the runs before it", async () => {
  const { store, catalog, refresh } = await runOverAll(
    { fold: 0, dataset: "ECPC 2022" },
  );
  expect(seenOf(catalog)).toEqual(["no", "no"]);
  await putFinishedRun(store, B, [0.5], {
    dataset: { ...ecpc, name: "ECPC 2022", fold: 0 },
    checkpoints: [checkpoint("b")],
  });
  await refresh();
  expect(run(catalog, A)?.groups.map(({ seen }) => seen)).toEqual([
    "no",
    "yes",
  ]);
});
