/** @module Comparisons that are made once, and elsewhere where there are many cases. */
import { expect } from "@std/expect";
import { createRunComparer } from "../../../dashboard/comparison/run_comparer.ts";
import {
  type Catalog,
  openCatalog,
} from "../../../shared/catalog/open_catalog.ts";
import type { Case } from "../../../shared/datasets/dataset.ts";
import { compareRuns } from "../../../shared/catalog/queries/compare_runs.ts";
import {
  compared,
  emptyHome,
  putFinishedRun,
  putResult,
  putRun,
} from "../../shared/catalog/homes.ts";
import { withFolder } from "../../support/temporary_folder.ts";

const A = "20260101T000000Z-aaaaaa";
const B = "20260102T000000Z-bbbbbb";
const OPEN = "20260103T000000Z-cccccc";

/** Two runs over so many cases, of which the second is a little better. */
async function twoRuns(n: number) {
  const home = emptyHome();
  const dice = Array.from({ length: n }, (_, i) => 0.2 + (i % 70) / 100);
  await putFinishedRun(home.store, A, dice);
  await putFinishedRun(
    home.store,
    B,
    dice.map((one, i) => one + (i % 3) / 100),
  );
  await home.refresh();
  let nRead = 0;
  const catalog: Catalog = {
    ...home.catalog,
    all(sql, ...values) {
      nRead++;
      return home.catalog.all(sql, ...values);
    },
  };
  return { ...home, catalog, nRead: () => nRead };
}

const ofCase = (caseId: string): Case => ({
  caseId,
  images: [{ store: "file:///scans", key: `${caseId}.nii.gz` }],
  unit: "unknown",
});

const signal = new AbortController().signal;

Deno.test("createRunComparer() makes a comparison once, and anew when a run has changed", async () => {
  const { store, catalog, refresh, nRead, pass } = await twoRuns(3);
  await putRun(store, OPEN, {
    cases: ["c1", "c2"].map(ofCase),
  });
  await putResult(store, OPEN, "c1", compared(0.9));
  await refresh();
  const before = nRead();
  const compare = createRunComparer({ catalog, signal });
  const [first, same] = await Promise.all([compare(A, OPEN), compare(A, OPEN)]);
  expect(first?.classes[0]?.n).toBe(1);
  expect(await compare(A, OPEN)).toBe(first);
  expect(same).toBe(first);
  expect(nRead() - before).toBe(2);
  pass(1000);
  await putResult(store, OPEN, "c2", compared(0.9));
  await refresh();
  expect((await compare(A, OPEN))?.classes[0]?.n).toBe(2);
  expect(await compare(A, "unknown")).toBeNull();
  catalog.close();
});

Deno.test("createRunComparer() says the same from its thread, of fewer resamples that it tells", async () => {
  const { catalog } = await twoRuns(101);
  await withFolder(async (folder) => {
    const path = `${folder}/index.sqlite`;
    catalog.run("VACUUM INTO ?", path);
    const onDisk = openCatalog(path);
    const read: string[] = [];
    const watched: Catalog = {
      ...onDisk,
      all(sql, ...values) {
        read.push(sql);
        return onDisk.all(sql, ...values);
      },
    };
    const compare = createRunComparer({ catalog: watched, signal });
    const comparison = await compare(A, B);
    expect(read).toEqual([]);
    expect(comparison).toEqual(compareRuns(catalog, A, B));
    expect(comparison?.resamples).toBe(9900);
    onDisk.close();
  });
  catalog.close();
});

Deno.test("createRunComparer() keeps no refusal", async () => {
  const { store, catalog, refresh } = await twoRuns(1);
  const compare = createRunComparer({ catalog, signal });
  await putRun(store, OPEN, { cases: [ofCase("c1")] });
  // A label that is empty on one side only.
  await putResult(store, OPEN, "c1", compared(1, { outcome: "bothEmpty" }));
  await refresh();
  for (let i = 0; i < 2; i++) {
    await expect(compare(A, OPEN)).rejects.toThrow(RangeError);
  }
  catalog.close();
});
