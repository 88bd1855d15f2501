/** @module Records that are damaged, mended or gone, and what the index tells of them. */
import { expect } from "@std/expect";
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
import { checkpointOf } from "../../jobs/evaluation/reevaluate/evaluations.ts";
import { caseOf } from "../../support/runs.ts";
import {
  compared,
  emptyHome,
  NOW,
  put,
  putFinishedRun,
  putResult,
  putRun,
  signal,
} from "./homes.ts";

const FIRST = "20260101T000000Z-aaaaaa";
const SECOND = "20260102T000000Z-bbbbbb";

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
