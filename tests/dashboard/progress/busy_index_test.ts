/** @module What people change is done and answered while the index is busy; what they watch is looked at once for all. */
import { expect } from "@std/expect";
import { runFollower } from "../../../dashboard/progress/follow_run.ts";
import { statusReader } from "../../../dashboard/progress/run_status.ts";
import { createIndexer } from "../../../shared/catalog/indexer.ts";
import { run } from "../../../shared/catalog/queries/run.ts";
import { requestCancel } from "../../../shared/runs/cancel.ts";
import { retryFailed } from "../../../shared/runs/retry.ts";
import { readRunState } from "../../../shared/runs/run_state.ts";
import { substore } from "../../../shared/storage/substore.ts";
import { memoryStore, stepped } from "../../support/memory_store.ts";
import { bearer, START } from "../../support/dashboard.ts";
import { resultsDashboard } from "../../support/results_dashboard.ts";
import {
  fillResultsHome,
  GOOD_RUN,
  OPEN_RUN,
} from "../../support/results_home.ts";
import { workerRecordOf } from "../../support/runs.ts";
import { compared, put, putResult } from "../../shared/catalog/homes.ts";

const never = new Promise<never>(() => {});

/** A dashboard whose index answers nobody any more once `busy.is` is set, and whose answers do not wait for it then. */
async function busyDashboard() {
  const busy = { is: false };
  const dashboard = await resultsDashboard(fillResultsHome, {
    patience: () =>
      busy.is ? AbortSignal.abort() : new AbortController().signal,
  });
  const { indexer } = dashboard.deps;
  for (const name of ["refresh", "refreshHome"] as const) {
    const refresh = indexer[name];
    indexer[name] = (signal) => busy.is ? never : refresh(signal);
  }
  const refreshRun = indexer.refreshRun;
  indexer.refreshRun = (runId, signal) =>
    busy.is ? never : refreshRun(runId, signal);
  return { ...dashboard, busy };
}

Deno.test("cancel, retry and a review are stored and answered while the index is busy with the run", async () => {
  const { busy, home, post, logged, request, tokens } = await busyDashboard();
  busy.is = true;
  const store = substore(home, `runs/${OPEN_RUN}`);
  const cancelling = post(`/runs/${OPEN_RUN}/cancel`, { reason: "too slow" });
  // A run that the index takes for finished may have been opened again.
  const doubted = post(`/runs/${GOOD_RUN}/cancel`);
  const path = `/api/v1/runs/${GOOD_RUN}/cases/CHUM-001`;
  const reviewing = request(`${path}/reviews`, {
    method: "POST",
    headers: { ...bearer(tokens.reviewer), "content-type": "application/json" },
    // Its record names no mask that could be accepted.
    body: JSON.stringify({
      verdict: "reject",
      reason: "other",
      attempt: "attempt",
    }),
  });
  for (const answer of [await cancelling, await doubted]) {
    expect(answer.headers.get("location")).toContain("cancelled");
  }
  const review = await reviewing;
  expect(review.status).toBe(201);
  await review.body?.cancel();

  expect((await post(`/runs/${OPEN_RUN}/retry`)).status).toBe(303);
  expect([...(await readRunState(store)).failed]).toEqual([]);
  expect(await store.head("cancel.json")).toBeNull();
  expect(logged.filter((line) => line.includes("it is busy"))).toHaveLength(4);
});

Deno.test("a run is looked at every 5 s, however many watch it", async () => {
  const counts = new Map<number, number>();
  for (const watchers of [1, 10]) {
    let listed = 0;
    const plain = memoryStore(() => START);
    await fillResultsHome(plain);
    const home = stepped(plain, (what, key, when) => {
      if (what === "list" && when === "before" && key.includes(OPEN_RUN)) {
        listed++;
      }
      return Promise.resolve();
    });
    const { deps, clock } = await resultsDashboard(() => Promise.resolve(), {
      home,
    });
    const indexer = createIndexer({
      catalog: deps.catalog,
      home,
      now: deps.now,
    });
    await indexer.refresh(deps.signal);
    const readStatus = statusReader({ ...deps, home });
    const followRun = runFollower({ ...deps, indexer });
    listed = 0;
    // Each of them ticks at a time of its own within a minute.
    for (let atMs = 0; atMs < 60_000; atMs += 250) {
      for (let n = 0; n < watchers; n++) {
        const status = await readStatus(OPEN_RUN);
        await followRun(OPEN_RUN, status, deps.signal);
      }
      clock.advance(250);
    }
    counts.set(watchers, listed);
  }
  // Twelve looks at the records, of eight listings each.
  expect(counts.get(10)).toBe(counts.get(1));
  expect(counts.get(1)).toBeLessThanOrEqual(12 * 8);
});

Deno.test("a run that the index has just looked at by itself is not looked at for who watches it", async () => {
  const { deps, clock } = await resultsDashboard();
  let looks = 0;
  const { refreshRun } = deps.indexer;
  deps.indexer.refreshRun = (runId, signal) => {
    looks++;
    return refreshRun(runId, signal);
  };
  const followRun = runFollower(deps);
  for (let n = 0; n < 5; n++) {
    clock.advance(4900);
    await followRun(OPEN_RUN, null, deps.signal);
    await deps.indexer.refresh(deps.signal);
  }
  expect(looks).toBe(0);
  clock.advance(5000);
  await followRun(OPEN_RUN, null, deps.signal);
  expect(looks).toBe(1);
});

Deno.test("what is told last of a run that is over is indexed, though the run was looked at just before", async () => {
  const { deps, home, clock } = await resultsDashboard();
  const readStatus = statusReader(deps);
  const followRun = runFollower(deps);
  clock.advance(5000);
  await followRun(OPEN_RUN, await readStatus(OPEN_RUN), deps.signal);
  for (const caseId of ["open-4", "open-5", "open-6"]) {
    await putResult(home, OPEN_RUN, caseId, compared(0.5));
  }
  await put(
    home,
    `runs/${OPEN_RUN}/workers/host-1.json`,
    workerRecordOf("host-1", { runId: OPEN_RUN, state: "ended" }),
  );
  const other = statusReader(deps);
  clock.advance(1000);
  await followRun(OPEN_RUN, await other(OPEN_RUN), deps.signal);
  expect(run(deps.catalog, OPEN_RUN)?.nDone).toBe(5);
});

Deno.test("an outage is told to all who watch, and asked after every 5 s", async () => {
  const { deps, clock } = await resultsDashboard();
  let asked = 0;
  deps.indexer.refreshRun = () => {
    asked++;
    return Promise.reject(new Error("no route to host"));
  };
  const followRun = runFollower(deps);
  clock.advance(5000);
  for (let n = 0; n < 10; n++) {
    await expect(followRun(OPEN_RUN, null, deps.signal))
      .rejects.toThrow("no route to host");
  }
  expect(asked).toBe(1);
  clock.advance(5000);
  await expect(followRun(OPEN_RUN, null, deps.signal)).rejects.toThrow();
  expect(asked).toBe(2);
});

Deno.test("where a run stands is read again at once after a cancellation or a retry", async () => {
  const { deps, home } = await resultsDashboard();
  const store = substore(home, `runs/${OPEN_RUN}`);
  const readStatus = statusReader(deps);
  expect((await readStatus(OPEN_RUN))?.cancel).toBeNull();
  await requestCancel(store, OPEN_RUN, "too slow");
  expect((await readStatus(OPEN_RUN))?.cancel).toBeNull();
  await deps.indexer.refreshRun(OPEN_RUN, deps.signal);
  expect((await readStatus(OPEN_RUN))?.cancel?.reason).toBe("too slow");
  const state = await readRunState(store);
  await retryFailed(store, state, [...state.failed]);
  await deps.indexer.refreshRun(OPEN_RUN, deps.signal);
  expect((await readStatus(OPEN_RUN))?.coverage.failed).toBe(0);
});
