/** @module Figures of cases that a checkpoint was trained on, as pages tell them. */
import { expect } from "@std/expect";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { putCheckpoint, putFinishedRun } from "../../shared/catalog/homes.ts";
import { resultsDashboard, wordsOf } from "../../support/results_dashboard.ts";

const OWN = "20260110T030405Z-000001";
const ALL = "20260111T030405Z-000002";
const OPEN = "20260112T030405Z-000003";
const location = "s3://scans/ecpc";
const ecpc = { name: "ecpc", location };

/** A model of fold 0 on its own fold, and on all folds; another one, of which nobody told what it was trained on. */
export async function fillSeenHome(store: ObjectStore): Promise<void> {
  const checkpoint = (name: string, letter: string) => ({
    name,
    location: `s3://home/checkpoints/${name}.safetensors`,
    sha256: letter.repeat(64),
  });
  const dice = [0.5, 0.55, 0.6, 0.65, 0.7, 0.62, 0.93, 0.94, 0.95, 0.96, 0.97];
  const checkpoints = [checkpoint("fold-0", "a")];
  const fold = (n: number) => n < 6 ? 0 : 1;
  await putFinishedRun(store, OWN, dice.slice(0, 6), {
    createdAt: "2026-01-10T03:04:05.000Z",
    dataset: { ...ecpc, fold: 0 },
    checkpoints,
    fold,
  });
  await putFinishedRun(store, ALL, dice, {
    createdAt: "2026-01-11T03:04:05.000Z",
    dataset: ecpc,
    checkpoints,
    fold,
  });
  await putFinishedRun(store, OPEN, dice.slice(0, 6), {
    createdAt: "2026-01-12T03:04:05.000Z",
    dataset: ecpc,
    checkpoints: [checkpoint("imported", "b")],
    fold,
  });
  await putCheckpoint(store, "fold-0", "a".repeat(64), {
    fold: 0,
    dataset: "ecpc",
  });
  await putCheckpoint(store, "imported", "b".repeat(64), {});
}

Deno.test("figures of cases that a checkpoint was trained on are marked wherever they stand", async () => {
  const { text } = await resultsDashboard(fillSeenHome);
  const overview = wordsOf(await text("/"));
  expect(overview).toMatch(/fold-0, Fold 0 6 /);
  expect(overview).toMatch(/fold-0, Fold 1 Trained on these cases 5 /);
  expect(overview).toMatch(/imported, Fold 0 May have seen these cases 6 /);
  expect(overview).toContain("Grey: the checkpoint was trained on these cases");
  const run = wordsOf(await text(`/runs/${ALL}`));
  expect(run).toMatch(/ Fold 1 Trained on these cases 5 /);
});

Deno.test("lists of runs tell a mean without the cases that a checkpoint was trained on, and say so", async () => {
  const { text } = await resultsDashboard(fillSeenHome);
  const runs = wordsOf(await text("/runs"));
  expect(runs).toContain("0.603 without 5 trained on");
  expect(runs).toContain("0.603 may have seen these cases");
  const sides = wordsOf(await text(`/compare?before=${OWN}&after=${ALL}`));
  expect(sides).toContain("0.603, without 5 trained on");
  expect(sides).toContain("A checkpoint was trained on cases of its run.");
});

Deno.test("nothing is marked where no checkpoint is known to have seen the cases", async () => {
  const { text } = await resultsDashboard();
  for (const path of ["/", "/runs"]) {
    const isMarked = /trained on|seen these/i.test(await text(path));
    expect(`${path} ${isMarked}`).toBe(`${path} false`);
  }
});
