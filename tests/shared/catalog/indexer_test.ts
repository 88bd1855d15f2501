/** @module Keeping the index in step with the records. */
import { expect } from "@std/expect";
import { clearImmediate, setImmediate } from "node:timers";
import { createIndexer } from "../../../shared/catalog/indexer.ts";
import type { Catalog } from "../../../shared/catalog/open_catalog.ts";
import { cases } from "../../../shared/catalog/queries/cases.ts";
import {
  diagnostics,
  indexedAt,
} from "../../../shared/catalog/queries/diagnostics.ts";
import { overview } from "../../../shared/catalog/queries/overview.ts";
import { checkpoints } from "../../../shared/catalog/queries/lists.ts";
import { run } from "../../../shared/catalog/queries/run.ts";
import { runs } from "../../../shared/catalog/queries/runs.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { stepped } from "../../support/memory_store.ts";
import { checkpointOf } from "../../jobs/evaluation/reevaluate/evaluations.ts";
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
const SECOND = "20260102T000000Z-bbbbbb";

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

Deno.test("refresh() finds a run whose plan was written late, and one with a name of its own", async () => {
  const { store, catalog, refresh, pass } = emptyHome();
  await putFinishedRun(store, SECOND, [0.5]);
  await refresh();
  // Named ten minutes before the newest one that is known.
  await putFinishedRun(store, "20260101T235000Z-cccccc", [0.5]);
  await refresh();
  expect(runs(catalog).total).toBe(2);
  // One that sorts before those that tell the time is found with all folders.
  await putFinishedRun(store, "0-mine", [0.5]);
  await refresh();
  expect(runs(catalog).total).toBe(2);
  pass(3_600_000);
  await refresh();
  expect(runs(catalog).items.map(({ runId }) => runId)).toContain("0-mine");
});

Deno.test("refresh() forgets a run whose folder is gone, within the hour", async () => {
  const { store, catalog, refresh, pass } = emptyHome();
  await putFinishedRun(store, FIRST, [0.5]);
  await putFinishedRun(store, SECOND, [0.9]);
  await refresh();
  expect(overview(catalog).items.map(({ runId }) => runId)).toEqual([SECOND]);
  for await (const { key } of store.list(`runs/${SECOND}/`)) {
    await store.delete(key);
  }
  pass(3_600_000);
  await refresh();
  expect(runs(catalog).items.map(({ runId }) => runId)).toEqual([FIRST]);
  expect(overview(catalog).items.map(({ runId }) => runId)).toEqual([FIRST]);
});

Deno.test("refresh() looks at an abandoned run only every ten minutes", async () => {
  const { store, refresh, pass } = emptyHome();
  await putRun(store, FIRST);
  expect((await refresh()).runsListed).toBe(1);
  pass(23 * 3_600_000);
  expect((await refresh()).runsListed).toBe(1);
  pass(2 * 3_600_000);
  expect((await refresh()).runsListed).toBe(1);
  pass(5_000);
  expect((await refresh()).runsListed).toBe(0);
  pass(600_000);
  expect((await refresh()).runsListed).toBe(1);
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

Deno.test("refresh() lists damaged and foreign records with their reasons, and reads them once", async () => {
  const { store, catalog, refresh, calls } = emptyHome();
  const text = (value: string) => new TextEncoder().encode(value);
  const at = (key: string) => `runs/${FIRST}/${key}`;
  await putRun(store, FIRST, {
    cases: ["c1", "c2", "c3", "c4"].map((id) => caseOf(id)),
  });
  await store.put(at("results/c1.json"), text("{"));
  await putResult(store, "20990101T000000Z-ffffff", "c2", compared(0.5));
  const foreign = (await store.get(
    "runs/20990101T000000Z-ffffff/results/c2.json",
  ))!.body;
  await store.put(at("results/c2.json"), foreign);
  await putResult(store, FIRST, "c9", compared(0.5));
  await putResult(store, FIRST, "c3", compared(0.5, { name: "node" }));
  await putResult(store, FIRST, "c4", compared(0.5));
  await store.put(at("results/.DS_Store"), text("?"));
  await store.put("runs/a note.txt", text("not a run"));
  await store.put("checkpoints/a.json", text("[]"));
  const first = await refresh();
  const reasons = Object.fromEntries(
    diagnostics(catalog).items.map(({ key, reason }) => [key, reason]),
  );
  expect(reasons).toEqual({
    "checkpoints/a.json": "It must be an object",
    "runs/20990101T000000Z-ffffff/run.json": expect.stringContaining(
      "holds no run.json",
    ),
    [at("results/c1.json")]: "It is not JSON",
    [at("results/c2.json")]:
      `It is of the run 20990101T000000Z-ffffff, this is ${FIRST}`,
    [at("results/c3.json")]:
      "It measures the classes node, the run's are tumour",
    [at("results/c9.json")]: "Its case is none of the run's",
  });
  expect(first.recordsRead).toBe(7);
  expect(run(catalog, FIRST)).toMatchObject({
    nDone: 1,
    // That of c9 is no case of the run.
    nDamaged: 3,
    nDamagedRecords: 4,
  });
  expect(diagnostics(catalog, { runId: FIRST, page: { limit: 2 } }))
    .toMatchObject({ total: 4, items: [{ runId: FIRST }, { runId: FIRST }] });

  calls();
  expect((await refresh()).recordsRead).toBe(0);
  await putResult(store, FIRST, "c1", compared(0.6));
  expect((await refresh()).recordsRead).toBe(1);
  expect(run(catalog, FIRST)).toMatchObject({
    nDone: 2,
    nDamaged: 2,
    nDamagedRecords: 3,
  });
});

Deno.test("refresh() takes a summarised run for finished though a result of it is damaged", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, FIRST, [0.5, 0.7]);
  await store.put(
    `runs/${FIRST}/results/c2.json`,
    new TextEncoder().encode("{"),
  );
  await refresh();
  expect(run(catalog, FIRST)).toMatchObject({
    state: "finished",
    nDone: 1,
    nMissing: 0,
    nDamaged: 1,
  });
  expect((await refresh()).runsListed).toBe(0);
});

Deno.test("refreshRun() takes back what a result told that is damaged, moved away or rewritten since", async () => {
  const { store, catalog, refresh, refreshRun } = emptyHome();
  await putFinishedRun(store, FIRST, [0.5, 0.7, 0.9]);
  await refresh();
  const key = `runs/${FIRST}/results/c1.json`;
  const sound = (await store.get(key))!.body;
  const told = async () => {
    await refreshRun(FIRST);
    const { state, nDone, nDamaged, nMissing, meanDice } = run(catalog, FIRST)!;
    const dice = Math.round(100 * meanDice!) / 100;
    return [state, nDone, nDamaged, nMissing, dice];
  };
  expect(await told()).toEqual(["finished", 3, 0, 0, 0.7]);
  await store.put(key, new TextEncoder().encode("{"));
  expect(await told()).toEqual(["finished", 2, 1, 0, 0.8]);
  expect(
    cases(catalog, { runId: FIRST }, { filter: { state: "damaged" } }).items,
  )
    .toMatchObject([{
      caseId: "c1",
      figures: null,
      damage: "It is not JSON: move it away to have the case done again",
    }]);
  await store.delete(key);
  expect(await told()).toEqual(["open", 2, 0, 1, 0.8]);
  expect(diagnostics(catalog).total).toBe(0);
  await store.put(key, sound);
  expect(await told()).toEqual(["finished", 3, 0, 0, 0.7]);
  // As many as before, but other figures.
  await putResult(store, FIRST, "c1", compared(0.8));
  expect(await told()).toEqual(["finished", 3, 0, 0, 0.8]);
});

Deno.test("refresh() counts a case as damaged whose failure of this round is, until it is tried again", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putRun(store, FIRST, { cases: [caseOf("c1"), caseOf("c2")] });
  await store.put(
    `runs/${FIRST}/failures/c1/0.json`,
    new TextEncoder().encode("{"),
  );
  await refresh();
  expect(run(catalog, FIRST)).toMatchObject({ nDamaged: 1, nMissing: 1 });
  await put(store, `runs/${FIRST}/retries/1.json`, {
    createdAt: "2026-01-02T03:04:05.000Z",
    cases: ["c1"],
  });
  await refresh();
  expect(run(catalog, FIRST)).toMatchObject({ nDamaged: 0, nMissing: 2 });
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

Deno.test("refresh() lets others have their turn while it indexes", async () => {
  const { store, catalog } = emptyHome();
  const ids = Array.from({ length: 2000 }, (_, n) => `c${n}`);
  await putRun(store, FIRST, { cases: ids.map((id) => caseOf(id)) });
  for (const id of ids) await putResult(store, FIRST, id, compared(0.5));
  let turns = 0;
  const seen = { cases: 0, results: new Set<number>() };
  const home = stepped(store, (what, key) => {
    if (what === "list" && key.startsWith(`runs/${FIRST}`)) {
      seen.cases ||= turns;
    }
    if (what === "peek" && key.includes("/results/")) seen.results.add(turns);
    return Promise.resolve();
  });
  // A turn of the event loop, and no timer: a batch may take less than a timer's millisecond.
  let next = setImmediate(function turn() {
    turns++;
    next = setImmediate(turn);
  });
  const indexer = createIndexer({ catalog, home, now: () => NOW });
  await indexer.refresh(signal);
  clearImmediate(next);
  // At least one turn after each batch of 500, of cases and of results.
  expect(seen.cases).toBeGreaterThanOrEqual(3);
  expect(seen.results.size).toBeGreaterThanOrEqual(4);
});

Deno.test("refresh() finds new runs beside one that a fast clock has named", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, "20270101T000000Z-ffffff", [0.5]);
  await putFinishedRun(store, FIRST, [0.5]);
  await refresh();
  await putFinishedRun(store, "20260228T235900Z-cccccc", [0.5]);
  await refresh();
  expect(runs(catalog).total).toBe(3);
});

Deno.test("refreshRun() takes in a run that was just made, whatever its name, and nothing that is none", async () => {
  const { store, catalog, refresh, refreshRun } = emptyHome();
  await putFinishedRun(store, SECOND, [0.5]);
  await refresh();
  await putRun(store, "0-mine");
  expect(await refreshRun("0-mine")).toMatchObject({ runsFound: 1 });
  expect(run(catalog, "0-mine")).toMatchObject({ nExpected: 2 });
  for (const name of ["unknown", "../runs/0-mine", "", "0-mine/results"]) {
    expect(await refreshRun(name)).toMatchObject({ runsListed: 0 });
  }
  expect(diagnostics(catalog).total).toBe(0);
});

Deno.test("refresh() asks once for the folders of runs, whatever they are called", async () => {
  const { store, refresh, calls } = emptyHome();
  for (let n = 0; n < 200; n++) await putFinishedRun(store, `mine-${n}`, []);
  for (let n = 0; n < 20; n++) {
    await put(store, `runs/no-run-${n}/note.json`, {});
  }
  await putFinishedRun(store, SECOND, [0.5]);
  await refresh();
  calls();
  expect((await refresh()).runsListed).toBe(0);
  const asked = calls();
  expect(asked.filter((call) => call.startsWith("folders"))).toHaveLength(1);
  // Folders without a plan are awaited for an hour.
  expect(asked.filter((call) => call.includes("mine"))).toEqual([]);
  expect(asked.filter((call) => call.includes("no-run"))).toHaveLength(20);
});

Deno.test("refresh() looks for the plan of a folder without one for an hour, then with all folders", async () => {
  const { store, catalog, refresh, calls, pass } = emptyHome();
  await putFinishedRun(store, SECOND, [0.5]);
  await put(store, "runs/mine/note.json", {});
  await refresh();
  const looks = async (ms: number) => {
    calls();
    pass(ms);
    await refresh();
    return calls().filter((call) => call.includes("runs/mine")).length;
  };
  expect(await looks(3_500_000)).toBe(1);
  // Here all folders are looked for.
  expect(await looks(100_000)).toBe(1);
  expect(await looks(5_000)).toBe(0);
  await putRun(store, "mine");
  expect(await looks(5_000)).toBe(0);
  await looks(3_600_000);
  expect(run(catalog, "mine")?.state).toBe("open");
});

Deno.test("refresh() reads a damaged plan again once it is mended, though it has as many bytes", async () => {
  const { store, catalog, refresh } = emptyHome();
  const key = `runs/${FIRST}/run.json`;
  await putRun(store, FIRST);
  const sound = (await store.get(key))!.body;
  const damaged = sound.slice();
  damaged[0] = "[".charCodeAt(0);
  await store.put(key, damaged);
  await refresh();
  expect(diagnostics(catalog).items.map(({ reason }) => reason))
    .toEqual(["It is not JSON"]);
  await store.put(key, sound);
  await refresh();
  expect(diagnostics(catalog).total).toBe(0);
  expect(run(catalog, FIRST)?.state).toBe("open");
});

Deno.test("refresh() forgets records of the home that are gone, and what they told", async () => {
  const { store, catalog, refresh, calls } = emptyHome();
  const named = (name: string) =>
    checkpointOf(name, name === "a" ? 1 : 2, { family: `family of ${name}` });
  await store.put("checkpoints/x.json", new TextEncoder().encode("{"));
  await put(store, "checkpoints/a.json", named("a"));
  await put(store, "checkpoints/b.json", named("b"));
  await refresh();
  const told = () =>
    checkpoints(catalog).items.map(({ name, family }) => [name, family]);
  expect(told()).toEqual([["a", "family of a"]]);
  expect(diagnostics(catalog).total).toBe(1);
  await store.delete("checkpoints/x.json");
  await refresh();
  expect(diagnostics(catalog).total).toBe(0);
  // The same checkpoint was registered under another name, too.
  await store.delete("checkpoints/a.json");
  await refresh();
  expect(told()).toEqual([["b", "family of b"]]);
  await store.delete("checkpoints/b.json");
  await refresh();
  expect(told()).toEqual([]);
  calls();
  expect((await refresh()).recordsRead).toBe(0);
});

Deno.test("refresh() passes over a run with an absurd figure, says so, and takes it in once it is mended", async () => {
  const { store, catalog, refresh } = emptyHome();
  const absurd = compared(0.5, { volumeMl: 1.7e308 });
  await putRun(store, FIRST);
  for (const id of ["c1", "c2"]) await putResult(store, FIRST, id, absurd);
  await putFinishedRun(store, SECOND, [0.5]);
  await refresh();
  expect(indexedAt(catalog)).toEqual(NOW);
  expect(run(catalog, SECOND)?.state).toBe("finished");
  expect(run(catalog, FIRST)).toMatchObject({ nDone: 0, nDamaged: 2 });
  expect(diagnostics(catalog).items).toMatchObject(
    ["c1", "c2"].map((id) => ({
      key: `runs/${FIRST}/results/${id}.json`,
      reason: expect.stringContaining("larger than any scan can have"),
    })),
  );
  await putResult(store, FIRST, "c1", compared(0.5));
  await refresh();
  expect(run(catalog, FIRST)).toMatchObject({ nDone: 1, nDamaged: 1 });
});

Deno.test("refresh() goes on where a run cannot be summarised, tells of it, and tries again once it has changed", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, FIRST, [0.5, 0.7]);
  await putFinishedRun(store, SECOND, [0.5]);
  let isStrange = true;
  const strange: Catalog = {
    ...catalog,
    get isTorn() {
      return catalog.isTorn;
    },
    run(sql, ...values) {
      const isOfFirst =
        catalog.get("SELECT folder FROM runs WHERE id = ?", values[0] ?? null)
          ?.folder === FIRST;
      if (isStrange && isOfFirst && sql.startsWith("DELETE FROM groups")) {
        throw new RangeError(
          "Cannot summarise values: one of them is Infinity",
        );
      }
      catalog.run(sql, ...values);
    },
  };
  const indexer = createIndexer({
    catalog: strange,
    home: store,
    now: () => NOW,
  });
  await indexer.refresh(signal);
  expect(overview(catalog).items.map(({ runId }) => runId)).toEqual([SECOND]);
  expect(diagnostics(catalog).items).toMatchObject([{
    key: `runs/${FIRST}/`,
    runId: FIRST,
    reason:
      "The run cannot be indexed: Cannot summarise values: one of them is Infinity",
  }]);
  // It is not tried again every few seconds.
  expect((await indexer.refresh(signal)).runsListed).toBe(0);
  isStrange = false;
  await putResult(store, FIRST, "c2", compared(0.9));
  await indexer.refreshRun(FIRST, signal);
  expect(diagnostics(catalog).total).toBe(0);
  expect(run(catalog, FIRST)?.meanDice).toBeCloseTo(0.7, 12);
  expect((await refresh()).runsListed).toBe(0);
});

Deno.test("refreshRun() does not wait for a refresh that does not come to an end", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putRun(store, FIRST);
  await putRun(store, SECOND);
  await refresh();
  const gate = Promise.withResolvers<void>();
  const home = stepped(
    store,
    (_, key) =>
      key.startsWith(`runs/${SECOND}`) ? Promise.resolve() : gate.promise,
  );
  const indexer = createIndexer({ catalog, home, now: () => NOW });
  const whole = indexer.refresh(signal);
  await putResult(store, SECOND, "c1", compared(0.5));
  await indexer.refreshRun(SECOND, signal);
  expect(run(catalog, SECOND)?.nDone).toBe(1);
  gate.resolve();
  await whole;
});

Deno.test("refresh() and refreshRun() do not read the same run at the same time", async () => {
  const { store, catalog } = emptyHome();
  await putFinishedRun(store, FIRST, [0.5, 0.6, 0.7]);
  const read: string[] = [];
  const home = stepped(store, (what, key, when) => {
    if (what === "peek" && when === "before" && key.includes("/results/")) {
      read.push(key);
    }
    return Promise.resolve();
  });
  const indexer = createIndexer({ catalog, home, now: () => NOW });
  await Promise.all([
    indexer.refresh(signal),
    indexer.refreshRun(FIRST, signal),
    indexer.refreshRun(FIRST, signal),
  ]);
  expect(read).toHaveLength(3);
});

Deno.test("refresh() makes a damaged index anew, whatever else is under way in it", async () => {
  const { store, catalog } = emptyHome();
  await putFinishedRun(store, FIRST, [0.5]);
  await putFinishedRun(store, SECOND, [0.5]);
  let tears = 1;
  const torn: Catalog = {
    ...catalog,
    get isTorn() {
      return false;
    },
    get(sql, ...values) {
      if (sql.startsWith("SELECT isStale") && tears-- > 0) {
        throw Object.assign(new Error("malformed"), { errcode: 11 });
      }
      return catalog.get(sql, ...values);
    },
  };
  const indexer = createIndexer({ catalog: torn, home: store, now: () => NOW });
  await Promise.all([
    indexer.refresh(signal),
    indexer.refreshRun(SECOND, signal),
  ]);
  await indexer.refresh(signal);
  expect(runs(catalog).items.map(({ runId, state }) => [runId, state]))
    .toEqual([[SECOND, "finished"], [FIRST, "finished"]]);
  expect(catalog.all("SELECT id FROM cases")).toHaveLength(2);
});
