/** @module Keeping the index in step with the records. */
import { expect } from "@std/expect";
import { createIndexer } from "../../../shared/catalog/indexer.ts";
import { cases } from "../../../shared/catalog/queries/cases.ts";
import { indexedAt } from "../../../shared/catalog/queries/diagnostics.ts";
import { overview } from "../../../shared/catalog/queries/overview.ts";
import { run } from "../../../shared/catalog/queries/run.ts";
import { runs } from "../../../shared/catalog/queries/runs.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { stepped } from "../../support/memory_store.ts";
import { caseOf, workerRecordOf } from "../../support/runs.ts";
import {
  compared,
  emptyHome,
  NOW,
  put,
  putFailure,
  putFinishedRun,
  putResult,
  putReview,
  putRun,
  putSummary,
  signal,
} from "./homes.ts";

const FIRST = "20260101T000000Z-aaaaaa";

Deno.test("refresh() of an empty home indexes nothing, and tells when", async () => {
  const { catalog, refresh } = emptyHome();
  expect(indexedAt(catalog)).toBe(null);
  expect(await refresh()).toEqual({
    recordsRead: 0,
    runsListed: 0,
    runsFound: 0,
  });
  expect(indexedAt(catalog)).toEqual(NOW);
  expect(runs(catalog).total).toBe(0);
  expect(overview(catalog).items).toEqual([]);
});

Deno.test("refresh() never lists a finished run again", async () => {
  const { store, refresh, calls } = emptyHome();
  await putFinishedRun(store, FIRST, [0.5, 0.7]);
  // run.json, two results; the summary is only seen.
  expect((await refresh()).recordsRead).toBe(3);
  calls();
  expect(await refresh()).toMatchObject({ recordsRead: 0, runsListed: 0 });
  expect(calls()).toEqual([
    "list checkpoints/",
    "list datasets/",
    "list evaluations/",
    "list comparisons/",
    "folders runs/",
  ]);
});

Deno.test("refresh() reads of an open run only what is new", async () => {
  const { store, catalog, refresh, calls } = emptyHome();
  await putRun(store, FIRST);
  await putResult(store, FIRST, "c1", compared(0.5));
  await refresh();
  expect(run(catalog, FIRST)).toMatchObject({
    state: "open",
    nExpected: 2,
    nDone: 1,
    nMissing: 1,
  });
  calls();

  await putResult(store, FIRST, "c2", compared(0.7));
  expect((await refresh()).recordsRead).toBe(1);
  expect(calls().filter((call) => call.startsWith("peek"))).toEqual([
    `peek runs/${FIRST}/results/c2.json`,
    `peek runs/${FIRST}/cancel.json`,
  ]);
  expect(run(catalog, FIRST)).toMatchObject({ nDone: 2, state: "open" });

  await putSummary(store, FIRST, [compared(0.5), compared(0.7)]);
  await refresh();
  expect(run(catalog, FIRST)?.state).toBe("finished");
  expect(overview(catalog).items[0]?.aggregate.metrics.dice?.mean)
    .toBeCloseTo(0.6, 12);
});

Deno.test("refresh() follows failures, retries, added cases, workers and a cancellation", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putRun(store, FIRST);
  await putFailure(store, FIRST, "c1");
  await put(store, `runs/${FIRST}/workers/w.json`, {
    ...workerRecordOf("w"),
    runId: FIRST,
  });
  await refresh();
  expect(run(catalog, FIRST)).toMatchObject({
    nFailed: 1,
    failuresByKind: { unreadable: 1 },
    workers: [{ workerId: "w", state: "working" }],
    cancel: null,
  });
  const failed = cases(catalog, { runId: FIRST }, {
    filter: { state: "failed" },
  });
  expect(failed.items.map(({ caseId, failure }) => [caseId, failure?.message]))
    .toEqual([["c1", 'Cannot read case "c1": it is cut off']]);

  await put(store, `runs/${FIRST}/retries/1.json`, {
    createdAt: "2026-01-02T03:04:08.000Z",
    cases: ["c1"],
  });
  await put(store, `runs/${FIRST}/extensions/1.json`, {
    createdAt: "2026-01-02T03:04:08.000Z",
    cases: [caseOf("c3")],
  });
  await put(store, `runs/${FIRST}/cancel.json`, {
    format: 1,
    runId: FIRST,
    requestedAt: "2026-01-02T03:04:09.000Z",
    reason: "wrong checkpoint",
  });
  await put(store, `runs/${FIRST}/workers/w.json`, {
    ...workerRecordOf("w", { state: "stopped" }),
    runId: FIRST,
  });
  await refresh();
  expect(run(catalog, FIRST)).toMatchObject({
    state: "cancelled",
    nExpected: 3,
    nFailed: 0,
    nMissing: 3,
    workers: [{ state: "stopped" }],
    cancel: { reason: "wrong checkpoint" },
  });

  await store.delete(`runs/${FIRST}/cancel.json`);
  await putFailure(store, FIRST, "c1", { round: 1, kind: "timeout" });
  await refresh();
  expect(run(catalog, FIRST)).toMatchObject({
    state: "open",
    nFailed: 1,
    failuresByKind: { timeout: 1 },
  });
});

Deno.test("refreshRun() reads what is new in a finished run, and opens it again after a retry", async () => {
  const { store, catalog, refresh, refreshRun } = emptyHome();
  await putRun(store, FIRST);
  await putResult(store, FIRST, "c1", compared(0.5));
  await putFailure(store, FIRST, "c2");
  await putSummary(store, FIRST, [compared(0.5)], 1);
  await refresh();
  expect(run(catalog, FIRST)).toMatchObject({ state: "finished", nFailed: 1 });

  await putReview(store, { runId: FIRST, caseId: "c1" });
  await put(store, `runs/${FIRST}/retries/1.json`, {
    createdAt: "2026-01-02T03:04:08.000Z",
    cases: ["c2"],
  });
  expect(await refreshRun(FIRST)).toMatchObject({
    recordsRead: 2,
    runsListed: 1,
  });
  expect(run(catalog, FIRST)).toMatchObject({
    state: "open",
    nFailed: 0,
    nReviewed: 1,
  });
  expect(await refreshRun("unknown")).toMatchObject({
    runsListed: 0,
  });
});

Deno.test("refresh() keeps what it wrote before it was stopped, and goes on from there", async () => {
  const { store, catalog } = emptyHome();
  const ids = Array.from({ length: 1200 }, (_, n) => `c${n}`);
  await putRun(store, FIRST, { cases: ids.map((id) => caseOf(id)) });
  for (const id of ids) await putResult(store, FIRST, id, compared(0.5));
  await putSummary(store, FIRST, ids.map(() => compared(0.5)));
  const controller = new AbortController();
  let reads = 0;
  const home = {
    ...store,
    peek: (...args: Parameters<typeof store.peek>) => {
      // Within the third batch of 500.
      if (++reads === 1100) controller.abort(new Error("enough"));
      return store.peek(...args);
    },
  };
  const indexer = createIndexer({ catalog, home, now: () => NOW });
  await expect(indexer.refresh(controller.signal)).rejects.toThrow("enough");
  const done = () =>
    cases(catalog, { runId: FIRST }, { filter: { state: "done" } }).total;
  expect(done()).toBe(1000);
  expect(indexedAt(catalog)).toBe(null);

  reads = 2000;
  expect((await indexer.refresh(signal)).recordsRead).toBe(200);
  expect(done()).toBe(1200);
  expect(run(catalog, FIRST)).toMatchObject({ nDone: 1200, state: "finished" });
  expect(overview(catalog).items[0]?.aggregate.metrics.dice?.nCounted)
    .toBe(1200);
});

Deno.test("refresh() passes on what the store throws, and keeps the last state", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, FIRST, [0.5]);
  await refresh();
  const home = stepped(
    store,
    (what) =>
      what === "list"
        ? Promise.reject(new Error("The bucket cannot be reached"))
        : Promise.resolve(),
  );
  const indexer = createIndexer({ catalog, home, now: () => new Date() });
  await expect(indexer.refresh(signal)).rejects.toThrow("cannot be reached");
  expect(runs(catalog).total).toBe(1);
  expect(indexedAt(catalog)).toEqual(NOW);
});

Deno.test("refresh() does not walk through claims, masks and attempts", async () => {
  const { store, catalog } = emptyHome();
  await putRun(store, FIRST);
  await putResult(store, FIRST, "c1", compared(0.5));
  const bytes = new Uint8Array(1);
  for (let n = 0; n < 100; n++) {
    await store.put(`runs/${FIRST}/attempts/c${n}/a/mask.nii.gz`, bytes);
    await store.put(`runs/${FIRST}/claims/c${n}/1.json`, bytes);
    await store.put(`runs/${FIRST}/masks/c${n}.nii.gz`, bytes);
  }
  const listed: string[] = [];
  const home: ObjectStore = {
    ...store,
    async *list(prefix, options) {
      for await (const info of store.list(prefix, options)) {
        listed.push(info.key);
        yield info;
      }
    },
  };
  await createIndexer({ catalog, home, now: () => NOW }).refresh(signal);
  expect(run(catalog, FIRST)?.nDone).toBe(1);
  // One tells that the plan is there, one that the failures are over.
  expect(listed).toEqual([
    `runs/${FIRST}/run.json`,
    `runs/${FIRST}/masks/c0.nii.gz`,
    `runs/${FIRST}/results/c1.json`,
    `runs/${FIRST}/run.json`,
  ]);
});

Deno.test("refresh() takes a result in whose case was added later", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putRun(store, FIRST, { cases: [caseOf("c1")] });
  await putResult(store, FIRST, "c2", compared(0.5));
  await refresh();
  expect(run(catalog, FIRST)).toMatchObject({
    nDone: 0,
    nDamagedRecords: 1,
  });
  await put(store, `runs/${FIRST}/extensions/1.json`, {
    createdAt: "2026-01-02T03:04:08.000Z",
    cases: [caseOf("c2")],
  });
  await refresh();
  expect(run(catalog, FIRST)).toMatchObject({ nDone: 1, nDamaged: 0 });
});
