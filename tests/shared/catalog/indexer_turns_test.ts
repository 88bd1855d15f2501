/** @module Indexing beside others, who do not wait for each other. */
import { expect } from "@std/expect";
import { clearImmediate, setImmediate } from "node:timers";
import { createIndexer } from "../../../shared/catalog/indexer.ts";
import type { Catalog } from "../../../shared/catalog/open_catalog.ts";
import { run } from "../../../shared/catalog/queries/run.ts";
import { runs } from "../../../shared/catalog/queries/runs.ts";
import { stepped } from "../../support/memory_store.ts";
import { caseOf } from "../../support/runs.ts";
import {
  compared,
  emptyHome,
  NOW,
  putFinishedRun,
  putResult,
  putRun,
  signal,
} from "./homes.ts";

const FIRST = "20260101T000000Z-aaaaaa";
const SECOND = "20260102T000000Z-bbbbbb";

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
