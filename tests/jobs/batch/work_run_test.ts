import { expect } from "@std/expect";
import {
  type BatchWorker,
  type WorkEnd,
  workRun,
} from "../../../jobs/batch/work_run.ts";
import { ThreadDeath } from "../../../shared/thread.ts";
import { CaseError } from "../../../shared/case_error.ts";
import { requestCancel } from "../../../shared/runs/cancel.ts";
import {
  claimKey,
  failureKey,
  resultKey,
  workerKey,
} from "../../../shared/runs/keys.ts";
import { createRecord, readRecord } from "../../../shared/runs/record_io.ts";
import {
  type Claim,
  claimSchema,
  failureSchema,
  runSummarySchema,
  workerRecordSchema,
} from "../../../shared/runs/records.ts";
import { retryFailed } from "../../../shared/runs/retry.ts";
import { readRunState } from "../../../shared/runs/run_state.ts";
import { fakeCompute, gates, type OnPart } from "../../support/fake_compute.ts";
import { memoryStore, stepped } from "../../support/memory_store.ts";
import { caseOf, runOf } from "../../support/runs.ts";

const RUN_ID = runOf().runId;

async function worker(
  ids: readonly string[],
  onPart?: OnPart,
  change: Partial<BatchWorker> = {},
): Promise<{
  readonly work: Promise<WorkEnd>;
  readonly said: string[];
}> {
  const cases = ids.map((id) => caseOf(id));
  const scans = memoryStore();
  for (const id of ids) await scans.put(`${id}.nii.gz`, new Uint8Array(1));
  const said: string[] = [];
  const work = workRun({
    run: runOf({ cases }),
    store: memoryStore(),
    all: cases,
    order: cases,
    termSeconds: 0.06,
    workerId: "w0-1",
    index: 0,
    compute: fakeCompute(onPart),
    progress: () => {},
    signal: new AbortController().signal,
    open: () => scans,
    say: (line) => said.push(line),
    ...change,
  });
  work.catch(() => {});
  return { work, said };
}

Deno.test("workRun() does every case, tells how it ended, and sums up once", async () => {
  let nowMs = Date.UTC(2026, 0, 2);
  const store = memoryStore(() => nowMs++);
  const { work } = await worker(["a", "b"], undefined, { store });
  expect(await work).toEqual({ type: "recorded", damaged: [] });
  const key = workerKey("w0-1");
  expect(await readRecord(store, key, workerRecordSchema)).toMatchObject({
    state: "ended",
    cases: { done: 2, failed: 0, left: 0 },
    busySeconds: 1,
    windows: 2,
  });
  const { etag } = (await store.head("summary.json"))!;
  const again = await worker(["a", "b"], undefined, {
    store,
    workerId: "w1-2",
  });
  expect(await again.work).toEqual({ type: "recorded", damaged: [] });
  expect((await store.head("summary.json"))!.etag).toBe(etag);
});

Deno.test("workRun() sums up anew when a retried case fails for another reason", async () => {
  const store = memoryStore();
  const failing = (problem: string, workerId: string) =>
    worker(
      ["a", "b"],
      (part, caseId) =>
        part === "finish" && caseId === "b"
          ? Promise.reject(new CaseError("voxels", problem))
          : Promise.resolve(),
      { store, workerId },
    );
  await (await failing("it is odd", "w0-1")).work;
  await retryFailed(store, await readRunState(store), ["b"]);
  await (await failing("it is even", "w1-2")).work;
  const told = await readRecord(store, "summary.json", runSummarySchema);
  expect(told!.failures).toMatchObject([
    { caseId: "b", round: 1, message: 'Cannot read case "b": it is even' },
  ]);
});

Deno.test("workRun() leaves the summary to whoever records the last case", async () => {
  const store = memoryStore();
  const all = ["a", "b"].map((id) => caseOf(id));
  const part = (order: typeof all) =>
    worker(["a", "b"], undefined, { store, all, order, termSeconds: null });
  expect(await (await part([all[0]!])).work).toEqual({
    type: "recorded",
    damaged: [],
  });
  expect(await store.head("summary.json")).toBeNull();
  await (await part([all[1]!])).work;
  expect((await readRecord(store, "summary.json", runSummarySchema))!.coverage)
    .toEqual({ expected: 2, done: 2, failed: 0, missing: 0 });
});

Deno.test("workRun() ends as cancelled when its own canary stops the run, and beats no more", async () => {
  const store = memoryStore();
  const { work } = await worker(
    ["a", "b"],
    (part) =>
      part === "segment"
        ? Promise.reject(new CaseError("engine", "it has no kernel"))
        : Promise.resolve(),
    { store },
  );
  expect(await work).toEqual({
    type: "cancelled",
    reason: expect.stringContaining("it has no kernel"),
  });
  expect(await store.head("summary.json")).toBeNull();
  const record = await readRecord(
    store,
    workerKey("w0-1"),
    workerRecordSchema,
  );
  expect(record).toMatchObject({
    state: expect.stringMatching(/ended|stopped/),
    failures: { engine: 1 },
  });
});

Deno.test("workRun() stops at its next window when the run is cancelled, and frees what it holds", async () => {
  const store = memoryStore();
  const gate = gates();
  const { work } = await worker(["a", "b"], gate.onPart, { store });
  await gate.open("prepare:a");
  await requestCancel(store, RUN_ID, "wrong dataset");
  expect(await work).toEqual({ type: "cancelled", reason: "wrong dataset" });
  expect(gate.begun).toEqual(["prepare:a", "segment:a"]);
  expect(await store.head(resultKey("a"))).toBeNull();
  expect(await readRecord(store, claimKey("a", 1), claimSchema))
    .toMatchObject({ state: "released" });
  expect(await readRecord(store, workerKey("w0-1"), workerRecordSchema))
    .toMatchObject({ state: "stopped" });
});

Deno.test("workRun() frees its claims when stopped, and throws the reason", async () => {
  const store = memoryStore();
  const gate = gates();
  const controller = new AbortController();
  const { work } = await worker(["a", "b"], gate.onPart, {
    store,
    signal: controller.signal,
  });
  await gate.open("prepare:a");
  const reason = new Error("SIGTERM");
  controller.abort(reason);
  await expect(work).rejects.toBe(reason);
  expect(await readRecord(store, claimKey("a", 1), claimSchema))
    .toMatchObject({ state: "released" });
  expect(await readRecord(store, workerKey("w0-1"), workerRecordSchema))
    .toMatchObject({ state: "stopped" });
});

Deno.test("workRun() tells of forward passes of a case that was cut off", async () => {
  const store = memoryStore();
  const controller = new AbortController();
  const reason = new Error("SIGTERM");
  const { work } = await worker(["a"], undefined, {
    store,
    signal: controller.signal,
    compute: fakeCompute(undefined, () => {
      controller.abort(reason);
      return new Promise(() => {});
    }),
  });
  await expect(work).rejects.toBe(reason);
  expect(await readRecord(store, workerKey("w0-1"), workerRecordSchema))
    .toMatchObject({
      state: "stopped",
      windows: 1,
      busySeconds: 0.5,
      lastForwardAt: "1970-01-01T00:00:01.500Z",
    });
});

Deno.test("workRun() counts a case that it gives up among its failures", async () => {
  const store = memoryStore();
  for (const generation of [1, 2, 3]) {
    await createRecord(
      store,
      claimKey("a", generation),
      {
        format: 1,
        runId: RUN_ID,
        caseId: "a",
        generation,
        round: 0,
        workerId: `dead${generation}`,
        renewedAt: "2026-01-02T03:04:05.000Z",
        termSeconds: 0.001,
        state: "working",
      } satisfies Claim,
    );
  }
  const { work } = await worker(["a", "b"], undefined, { store });
  expect(await work).toEqual({ type: "recorded", damaged: [] });
  expect(await readRecord(store, workerKey("w0-1"), workerRecordSchema))
    .toMatchObject({
      cases: { done: 1, failed: 1, left: 0 },
      failures: { workerDied: 1 },
    });
});

Deno.test("workRun() gives up a case that kills its thread three times, and does the others", async () => {
  let nowMs = Date.UTC(2026, 0, 2);
  const store = memoryStore(() => nowMs);
  const deadly: OnPart = (part, caseId) =>
    part === "segment" && caseId === "b"
      ? Promise.reject(new ThreadDeath("The network thread died: bus error"))
      : Promise.resolve();
  const next = (workerId: string) =>
    worker(["a", "b", "c"], deadly, { store, workerId, termSeconds: 60 });
  for (const generation of [1, 2, 3]) {
    const { work } = await next(`w${generation}`);
    await expect(work).rejects.toThrow("bus error");
    expect(await readRecord(store, claimKey("b", generation), claimSchema))
      .toMatchObject({ state: "working" });
    // What was not to blame is free at once.
    const c = await readRecord(store, claimKey("c", generation), claimSchema);
    if (c !== null) expect(c.state).toBe("released");
    nowMs += 61_000;
  }
  const { work } = await next("w4");
  expect(await work).toEqual({ type: "recorded", damaged: [] });
  expect(await readRecord(store, failureKey("b", 0), failureSchema))
    .toMatchObject({ kind: "workerDied" });
  for (const id of ["a", "c"]) {
    expect(await store.head(resultKey(id))).not.toBeNull();
  }
});

Deno.test("workRun() tells which cases it left", async () => {
  const { work } = await worker(
    ["a", "b", "c"],
    (part, caseId) =>
      part === "finish" && caseId === "b"
        ? Promise.reject(new CaseError("storage", "out of reach"))
        : Promise.resolve(),
  );
  expect(await work).toEqual({ type: "left", caseIds: ["b"] });
});

Deno.test("workRun() throws why it failed, not that it could not tell of it", async () => {
  const store = memoryStore();
  const broken = stepped(store, (what, key) => {
    if (what === "list") return Promise.reject(new Error("cannot list"));
    if (key.startsWith("workers/")) {
      return Promise.reject(new Error("cannot write"));
    }
    return Promise.resolve();
  });
  const { work, said } = await worker(["a"], undefined, { store: broken });
  await expect(work).rejects.toThrow("cannot list");
  expect(said).toContain("Cannot tell how this worker ended: cannot write");
});

Deno.test("workRun() tells which recorded cases do not stand as they were committed", async () => {
  const plain = memoryStore();
  let files = 0;
  const store = stepped(plain, async (what, key, when) => {
    if (what === "create" && key === resultKey("b") && when === "after") {
      await plain.delete(`masks/b.nii.gz`);
      for await (const { key } of plain.list("attempts/b/")) {
        files++;
        await plain.delete(key);
      }
    }
  });
  const { work, said } = await worker(["a", "b"], undefined, { store });
  const end = await work;
  expect(files).toBe(1);
  // Its mask could not be published by this worker: the next one sums up.
  expect(end).toEqual({ type: "left", caseIds: ["b"] });
  const again = await worker(["a", "b"], undefined, {
    store,
    workerId: "w1-2",
  });
  expect(await again.work).toEqual({ type: "recorded", damaged: ["b"] });
  expect(again.said).toEqual([
    expect.stringMatching(
      /^Cannot read the mask\.nii\.gz of case "b": .* is not there: segment it again into another run$/,
    ),
  ]);
  expect(said.join("\n")).toContain('Case "b" is left for later');
});

Deno.test("workRun() looks anew at results that were written after the summary, be it in the same instant", async () => {
  const store = memoryStore(() => Date.UTC(2026, 0, 2));
  const next = (workerId: string) =>
    worker(["a", "b"], undefined, { store, workerId, termSeconds: 60 });
  expect(await (await next("w1")).work)
    .toEqual({ type: "recorded", damaged: [] });
  await store.put(resultKey("b"), new TextEncoder().encode('{"format"'));
  const { work, said } = await next("w2");
  expect(await work).toEqual({ type: "recorded", damaged: ["b"] });
  expect(said).toEqual([
    "Cannot read memory://store/results/b.json: it is not JSON: move it away to have the case done again",
  ]);
});
