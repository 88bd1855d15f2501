/** @module Single cases that a checkpoint was trained on, wherever they stand. */
import { expect } from "@std/expect";
import { caseDetailSchema } from "../../../shared/catalog/queries/case_detail.ts";
import { casePageSchema } from "../../../shared/catalog/queries/cases.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import {
  measured,
  putCheckpoint,
  putFinishedRun,
  putResult,
  putRun,
} from "../../shared/catalog/homes.ts";
import { resultsDashboard, wordsOf } from "../../support/results_dashboard.ts";
import { caseOf } from "../../support/runs.ts";

const RUN = "20260110T030405Z-000001";
const OPEN = "20260111T030405Z-000002";
const SHA256 = "a".repeat(64);

/** A model of fold 0 over `c1` of fold 0 and `c2` of fold 1, and over an open case of fold 1. */
async function fill(store: ObjectStore): Promise<void> {
  const ecpc = { name: "ecpc", location: "s3://scans/ecpc" };
  const checkpoints = [{
    name: "fold-0",
    location: "s3://home/checkpoints/fold-0.safetensors",
    sha256: SHA256,
  }];
  await putFinishedRun(store, RUN, [0.5, 0.9], {
    dataset: ecpc,
    checkpoints,
    fold: (n) => n,
  });
  await putRun(store, OPEN, {
    dataset: ecpc,
    checkpoints,
    cases: [{ ...caseOf("c2"), fold: 1 }],
  });
  await putCheckpoint(store, "fold-0", SHA256, { fold: 0, dataset: "ecpc" });
}

const MARK = "Trained on this case";

Deno.test("lists of cases mark those that a checkpoint was trained on, and no others", async () => {
  const { text } = await resultsDashboard(fill);
  for (const path of [`/runs/${RUN}`, `/runs/${RUN}/cases`, "/review"]) {
    const words = wordsOf(await text(path));
    expect(`${path} ${words.split(MARK).length - 1}`).toBe(`${path} 1`);
    expect(words).toMatch(new RegExp(` c2 [^%]{0,60}${MARK}`));
  }
});

Deno.test("the page of a case says whether its checkpoint was trained on it", async () => {
  const { text } = await resultsDashboard(fill);
  expect(wordsOf(await text(`/runs/${RUN}/cases/c2`)))
    .toContain(`Metrics ${MARK}`);
  expect(await text(`/runs/${RUN}/cases/c1`)).not.toContain(MARK);
  // Without figures there is nothing to mislead.
  expect(await text(`/runs/${OPEN}/cases/c2`)).not.toContain(MARK);
});

Deno.test("a case that its checkpoint may have seen is told as such", async () => {
  const { text, json } = await resultsDashboard(async (store) => {
    await putFinishedRun(store, RUN, [0.5]);
    await putCheckpoint(store, "a", SHA256, {});
  });
  expect(wordsOf(await text(`/runs/${RUN}`)))
    .toContain(" c1 May have seen this case ");
  const { items } = await json(`/api/v1/runs/${RUN}/cases`, casePageSchema);
  expect(items.map(({ seen }) => seen)).toEqual(["maybe"]);
});

Deno.test("the API and exports tell of each case whether its checkpoint was trained on it", async () => {
  const { json, text } = await resultsDashboard(fill);
  const { items } = await json(
    `/api/v1/runs/${RUN}/cases?sort=caseId`,
    casePageSchema,
  );
  expect(items.map(({ seen }) => seen)).toEqual(["no", "yes"]);
  const { seen } = await json(
    `/api/v1/runs/${RUN}/cases/c2`,
    caseDetailSchema,
  );
  expect(seen).toBe("yes");
  const [head, ...rows] = (await text(`/runs/${RUN}/cases.csv`)).trim()
    .split("\r\n").map((line) => line.split(","));
  const at = head!.indexOf("seen");
  expect(rows.map((row) => row[at])).toEqual(["no", "yes"]);
});

Deno.test("of cases without labels no doubt is told: nothing of theirs is judged", async () => {
  const { text, json } = await resultsDashboard(async (store) => {
    await putRun(store, RUN, { cases: [caseOf("c1")] });
    await putResult(store, RUN, "c1", measured(8));
  });
  for (const path of [`/runs/${RUN}`, `/runs/${RUN}/cases/c1`, "/"]) {
    expect(await text(path)).not.toContain("May have seen");
  }
  const { items } = await json(`/api/v1/runs/${RUN}/cases`, casePageSchema);
  expect(items.map(({ seen }) => seen)).toEqual(["maybe"]);
});
