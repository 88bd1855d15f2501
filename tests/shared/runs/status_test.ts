import { expect } from "@std/expect";
import { commitFailure, commitResult } from "../../../shared/runs/commit.ts";
import { requestCancel } from "../../../shared/runs/cancel.ts";
import {
  extensionKey,
  retryKey,
  workerKey,
} from "../../../shared/runs/keys.ts";
import {
  createRecord,
  encodeRecord,
  writeRecord,
} from "../../../shared/runs/record_io.ts";
import type {
  Failure,
  SegmentRun,
  WorkerRecord,
} from "../../../shared/runs/records.ts";
import {
  readRunStatus,
  type StatusOptions,
} from "../../../shared/runs/status.ts";
import { writeRunSummary } from "../../../shared/runs/summarise.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { memoryStore, stepped } from "../../support/memory_store.ts";
import { caseOf, resultOf, runOf, workerRecordOf } from "../../support/runs.ts";

/** A run of cases with so many windows, in a store whose clock stands still. */
function bench(
  windows: Readonly<Record<string, number>> = {},
  change: Partial<SegmentRun> = {},
) {
  let nowMs = Date.UTC(2026, 0, 2);
  const store = memoryStore(() => nowMs);
  const run = runOf({
    cases: Object.entries(windows).map(([id, windows]) => ({
      ...caseOf(id),
      windows,
    })),
    ...change,
  });
  return {
    store,
    run,
    pass: (seconds: number) => {
      nowMs += seconds * 1000;
    },
    done: (caseId: string) => commitResult(store, resultOf(caseId, "t")),
    failed: (caseId: string, change: Partial<Failure> = {}) =>
      commitFailure(store, failureOf(caseId, change)),
    worker: (id: string, change: Partial<WorkerRecord> = {}) =>
      writeRecord(store, workerKey(id), workerRecordOf(id, change)),
    read: (options?: StatusOptions) => readRunStatus(store, run, options),
  };
}

function failureOf(caseId: string, change: Partial<Failure> = {}): Failure {
  return {
    format: 1,
    runId: runOf().runId,
    caseId,
    round: 0,
    attempt: "t",
    codeVersion: "0",
    failedAt: "2026-01-02T03:04:05.000Z",
    kind: "voxels",
    stage: "read",
    message: `Cannot read case "${caseId}": it is odd`,
    ...change,
  };
}

Deno.test("readRunStatus() counts cases, and tells pace and time left by their windows", async () => {
  const { pass, done, worker, read } = bench({
    a: 10,
    b: 20,
    c: 30,
    d: 40,
    e: 10,
  });
  await done("a");
  pass(600);
  await done("b");
  pass(600);
  await done("c");
  await worker("w0");
  const status = await read();
  expect(status.coverage)
    .toEqual({ expected: 5, done: 3, failed: 0, missing: 2 });
  // Two cases of 50 windows took 1,200 s; 50 windows are left.
  expect(status.casesPerHour).toBe(6);
  expect(status.secondsLeft).toBe(1200);
});

Deno.test("readRunStatus() takes the rate of the last half hour alone", async () => {
  const { pass, done, worker, read } = bench({ a: 1, b: 1, c: 1, d: 1 });
  await done("a");
  pass(7200);
  await done("b");
  pass(360);
  await done("c");
  await worker("w0");
  const status = await read();
  expect(status.casesPerHour).toBe(10);
  expect(status.secondsLeft).toBe(360);
});

Deno.test("readRunStatus() tells no pace before there are two results, and no time left while nobody works", async () => {
  const { pass, done, worker, read } = bench({ a: 1, b: 1, c: 1 });
  expect(await read()).toMatchObject({ casesPerHour: null, secondsLeft: null });
  await done("a");
  await worker("w0");
  expect(await read()).toMatchObject({ casesPerHour: null, secondsLeft: null });
  pass(60);
  await done("b");
  expect(await read()).toMatchObject({ casesPerHour: 60, secondsLeft: null });
  await worker("w0");
  expect(await read()).toMatchObject({ casesPerHour: 60, secondsLeft: 60 });
  await done("c");
  expect(await read()).toMatchObject({ secondsLeft: 0 });
});

Deno.test("readRunStatus() knows silent workers by the store's clock, ended ones by their word", async () => {
  const { pass, worker, read } = bench();
  await worker("w0-dead");
  await worker("w1-ended", { state: "ended" });
  pass(50);
  await worker("w2-waiting", { state: "waiting" });
  pass(10);
  await worker("w3-working");
  const { workers } = await read();
  expect(
    workers.map((
      { workerId, alive, isOverdue, silentSeconds },
    ) => [workerId, alive, isOverdue, silentSeconds]),
  ).toEqual([
    ["w3-working", true, false, 0],
    ["w2-waiting", true, false, 10],
    ["w0-dead", false, true, 60],
    ["w1-ended", false, false, 60],
  ]);
  pass(6);
  // A sign of life every 5 s, and a third of them is due.
  expect((await read()).workers[1]).toMatchObject({
    workerId: "w2-waiting",
    alive: true,
    isOverdue: true,
  });
});

Deno.test("readRunStatus() adds up what workers took, and what that cost", async () => {
  const price = { perHour: 1.5, currency: "EUR" };
  const { worker, read } = bench({}, { price });
  await worker("w0", { elapsedSeconds: 5400, busySeconds: 5000 });
  await worker("w1", { elapsedSeconds: 1800, busySeconds: 1000 });
  expect(await read()).toMatchObject({
    workerSeconds: 7200,
    busySeconds: 6000,
    cost: { amount: 3, currency: "EUR" },
  });
  const dearer = { perHour: 2, currency: "USD" };
  expect((await read({ price: dearer })).cost)
    .toEqual({ amount: 4, currency: "USD" });
  expect((await bench().read()).cost).toBeNull();
});

Deno.test("readRunStatus() counts failures of the round that each case is in", async () => {
  const { store, failed, done, read } = bench({ a: 1, b: 1, c: 1, d: 1 });
  await failed("a");
  await failed("b");
  await failed("c", { kind: "label" });
  await done("c");
  await createRecord(store, retryKey(1), {
    createdAt: "2026-01-02T03:04:05.000Z",
    cases: ["a", "b"],
  });
  await failed("b", { round: 1, kind: "engine" });
  await createRecord(store, extensionKey(1), {
    createdAt: "2026-01-02T03:04:05.000Z",
    cases: [caseOf("e")],
  });
  const status = await read();
  expect(status.coverage)
    .toEqual({ expected: 5, done: 1, failed: 1, missing: 3 });
  expect(status.failuresByKind).toEqual({ engine: 1 });
  expect(status.failures).toHaveLength(1);
});

Deno.test("readRunStatus() of more than 1,000 failures reads the first 1,000 and counts all", async () => {
  const ids = Array.from({ length: 1200 }, (_, n) => `c${10_000 + n}`);
  const { failed, read } = bench(
    Object.fromEntries(ids.map((id) => [id, 1])),
  );
  for (const [n, id] of ids.entries()) {
    await failed(id, { kind: n % 4 === 0 ? "label" : "voxels" });
  }
  const status = await read();
  expect(status.coverage.failed).toBe(1200);
  expect(status.failures).toHaveLength(1000);
  expect(status.failuresByKind).toEqual({ label: 250, voxels: 750 });
});

Deno.test("readRunStatus() passes over what is no worker's record, and counts it", async () => {
  const { store, worker, read } = bench();
  await worker("w0");
  const put = (key: string, text: string) =>
    store.put(key, new TextEncoder().encode(text));
  await put("workers/w1.json", '{"format": 1, "runId"');
  await put("workers/w2.json", "{}");
  await put("workers/notes.txt", "mine");
  await put("workers/.DS_Store", "mine");
  const status = await read();
  expect(status.workers.map(({ workerId }) => workerId)).toEqual(["w0"]);
  expect(status.damagedWorkers).toBe(2);
});

Deno.test("readRunStatus() tells that and why the run is cancelled", async () => {
  const { store, run, read } = bench();
  expect((await read()).cancel).toBeNull();
  await requestCancel(store, run.runId, "wrong dataset");
  expect((await read()).cancel!.reason).toBe("wrong dataset");
});

Deno.test("readRunStatus() counts cases as damaged whose records cannot be read or are not theirs", async () => {
  const { store, done, failed, read } = bench({ a: 1, b: 1, c: 1, d: 1, e: 1 });
  await done("a");
  await store.put("results/b.json", new TextEncoder().encode("{"));
  await store.put("results/c.json", encodeRecord(resultOf("a", "t")));
  await failed("d");
  await store.put("failures/d/0.json", new TextEncoder().encode("[]"));
  const status = await read();
  expect(status.coverage)
    .toEqual({ expected: 5, done: 1, failed: 0, damaged: 3, missing: 1 });
  expect(status.damaged.map(({ caseId }) => caseId)).toEqual(["b", "c", "d"]);
  expect(status.damaged[1]!.problem).toContain('It is of the case "a"');
  expect(status.failuresByKind).toEqual({});
});

Deno.test("readRunStatus() sees a result that is damaged after the run was summed up, and one that is mended", async () => {
  const { store, run, done, pass, read } = bench({ a: 1, b: 1 });
  for (const caseId of ["a", "b"]) await done(caseId);
  pass(1);
  await writeRunSummary(store, run.runId, ["a", "b"]);
  expect((await read()).coverage)
    .toEqual({ expected: 2, done: 2, failed: 0, missing: 0 });
  pass(1);
  const { body } = (await store.get("results/b.json"))!;
  await store.put("results/b.json", new TextEncoder().encode("{"));
  const broken = { expected: 2, done: 1, failed: 0, damaged: 1, missing: 0 };
  expect((await read()).coverage).toEqual(broken);
  pass(1);
  await writeRunSummary(store, run.runId, ["a", "b"]);
  expect((await read()).coverage).toEqual(broken);
  await store.put("results/b.json", body);
  expect(await read()).toMatchObject({
    coverage: { done: 2, missing: 0 },
    damaged: [],
  });
});

Deno.test("readRunStatus() reads no result that the summary tells of, and the newest 1,000 of others", async () => {
  const ids = Array.from({ length: 1100 }, (_, n) => `c${10_000 + n}`);
  const { store, run, done, pass } = bench(
    Object.fromEntries(ids.map((id) => [id, 1])),
  );
  const read: string[] = [];
  const counted: ObjectStore = stepped(store, (what, key, when) => {
    const isResult = key.startsWith("results/");
    if (what === "get" && when === "before" && isResult) read.push(key);
    return Promise.resolve();
  });
  for (const id of ids) {
    await done(id);
    pass(1);
  }
  expect(await readRunStatus(counted, run)).toMatchObject({ unread: 100 });
  expect(read.splice(0)).toHaveLength(1000);
  pass(1);
  await writeRunSummary(store, run.runId, ids);
  expect(await readRunStatus(counted, run)).toMatchObject({ unread: 0 });
  expect(read).toEqual([]);
});

Deno.test("readRunStatus() reads many workers at a time", async () => {
  const { store, run, worker } = bench();
  for (let n = 0; n < 40; n++) await worker(`w${n}`);
  let open = 0;
  let most = 0;
  const counted: ObjectStore = stepped(store, (what, _key, when) => {
    if (what === "get") open += when === "before" ? 1 : -1;
    most = Math.max(most, open);
    return Promise.resolve();
  });
  expect((await readRunStatus(counted, run)).workers).toHaveLength(40);
  expect(most).toBeGreaterThan(8);
  expect(most).toBeLessThan(32);
});
