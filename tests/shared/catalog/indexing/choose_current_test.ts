/** @module Which of several runs stands for a dataset, a checkpoint and a fold. */
import { expect } from "@std/expect";
import { overview } from "../../../../shared/catalog/queries/overview.ts";
import {
  compared,
  emptyHome,
  putFailure,
  putFinishedRun,
  putResult,
  putRun,
  putSummary,
} from "../homes.ts";
import { caseOf } from "../../../support/runs.ts";

const FULL = "20260101T000000Z-aaaaaa";
const LATER = "20260102T000000Z-bbbbbb";
const ecpc = { name: "ecpc", location: "s3://scans/ecpc" };
const earlier = { dataset: ecpc, createdAt: "2026-01-01T00:00:00.000Z" };
const later = { dataset: ecpc, createdAt: "2026-01-02T00:00:00.000Z" };

/** Which run stands for the dataset beside one over so many cases, once `put` has added a later one. */
async function currentAfter(
  n: number,
  put: (store: ReturnType<typeof emptyHome>["store"]) => Promise<void>,
) {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, FULL, new Array<number>(n).fill(0.8), earlier);
  await put(store);
  await refresh();
  const { items } = overview(catalog);
  return items.map(({ runId, nDone, nExpected }) => ({
    runId,
    nDone,
    nExpected,
  }));
}

Deno.test("a later trial of a few cases does not stand for a run over all of them", async () => {
  const of = (n: number) =>
    currentAfter(
      10,
      (store) => putFinishedRun(store, LATER, Array(n).fill(0.1), later),
    );
  const full = { runId: FULL, nDone: 10, nExpected: 10 };
  expect(await of(1)).toEqual([full]);
  expect(await of(4)).toEqual([full]);
  expect(await of(5)).toEqual([{ runId: LATER, nDone: 5, nExpected: 5 }]);
});

Deno.test("a later run in which most cases failed does not hide behind the one before", async () => {
  const current = await currentAfter(4, async (store) => {
    const cases = ["c1", "c2", "c3", "c4"].map((id) => caseOf(id));
    await putRun(store, LATER, { ...later, cases });
    await putResult(store, LATER, "c1", compared(0.2));
    for (const id of ["c2", "c3", "c4"]) await putFailure(store, LATER, id);
    await putSummary(store, LATER, [compared(0.2)], 3);
  });
  expect(current).toEqual([{ runId: LATER, nDone: 1, nExpected: 4 }]);
});

Deno.test("a trial that has finished does not stand for a run that is half-way through all cases", async () => {
  const { store, catalog, refresh } = emptyHome();
  const cases = Array.from({ length: 10 }, (_, n) => caseOf(`c${n}`));
  await putRun(store, FULL, { ...earlier, cases });
  for (let n = 0; n < 5; n++) {
    await putResult(store, FULL, `c${n}`, compared(0.8));
  }
  await putFinishedRun(store, LATER, [0.1], later);
  await refresh();
  expect(overview(catalog).items.map(({ runId }) => runId)).toEqual([FULL]);
});
