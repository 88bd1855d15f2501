/** @module Finding runs, and looking at them no more often than need be. */
import { expect } from "@std/expect";
import { diagnostics } from "../../../shared/catalog/queries/diagnostics.ts";
import { overview } from "../../../shared/catalog/queries/overview.ts";
import { run } from "../../../shared/catalog/queries/run.ts";
import { runs } from "../../../shared/catalog/queries/runs.ts";
import { emptyHome, put, putFinishedRun, putRun } from "./homes.ts";

const FIRST = "20260101T000000Z-aaaaaa";
const SECOND = "20260102T000000Z-bbbbbb";

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
