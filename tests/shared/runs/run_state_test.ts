import { expect } from "@std/expect";
import type { Failure } from "../../../shared/runs/records.ts";
import {
  commitFailure,
  commitResult,
  writeAttempt,
} from "../../../shared/runs/commit.ts";
import { encodeRecord } from "../../../shared/runs/record_io.ts";
import { retryFailed } from "../../../shared/runs/retry.ts";
import {
  readExtensions,
  readRunState,
} from "../../../shared/runs/run_state.ts";
import {
  readRunSummary,
  writeRunSummary,
} from "../../../shared/runs/summarise.ts";
import { memoryStore, stepped } from "../../support/memory_store.ts";
import { resultOf, runOf, withFileStore } from "../../support/runs.ts";

const RUN_ID = runOf().runId;

function failureOf(caseId: string, round: number): Failure {
  return {
    format: 1,
    runId: RUN_ID,
    caseId,
    round,
    attempt: "t",
    codeVersion: "0",
    failedAt: "2026-01-02T03:04:05.000Z",
    kind: "geometry",
    stage: "read",
    message: `Cannot read case "${caseId}"`,
  };
}

Deno.test("readRunState() tells done, failed and open cases apart", async () => {
  await withFileStore(async (store) => {
    await commitResult(store, resultOf("dö ne", "t"));
    await commitFailure(store, failureOf("bad", 0));
    const { done, failed, rounds, retries } = await readRunState(store);
    expect([...done.keys()]).toEqual(["dö ne"]);
    expect([...failed]).toEqual(["bad"]);
    expect(rounds.size).toBe(0);
    expect(retries).toBe(0);
  });
});

Deno.test("readRunState() passes over files that are no records", async () => {
  await withFileStore(async (store) => {
    await commitResult(store, resultOf("done", "t"));
    await commitFailure(store, failureOf("bad", 0));
    const body = new Uint8Array(1);
    for (
      const key of [
        "results/.DS_Store",
        "results/done (1).json",
        "failures/.DS_Store",
        "failures/bad/0 (1).json",
        "retries/.DS_Store",
        "retries/old/1.json",
        "extensions/.DS_Store",
      ]
    ) await store.put(key, body);
    const { done, failed, retries } = await readRunState(store);
    expect([...done.keys()]).toEqual(["done"]);
    expect([...failed]).toEqual(["bad"]);
    expect(retries).toBe(0);
    expect(await readExtensions(store)).toEqual([]);
  });
});

Deno.test("retryFailed() opens a round in which only the failed cases are open again", async () => {
  await withFileStore(async (store) => {
    await commitFailure(store, failureOf("bad", 0));
    await commitFailure(store, failureOf("worse", 0));
    const before = await readRunState(store);
    const state = await retryFailed(store, before, ["bad", "open"]);
    expect([...state.failed]).toEqual(["worse"]);
    expect([...state.rounds]).toEqual([["bad", 1]]);

    await commitFailure(store, failureOf("bad", 1));
    expect([...(await readRunState(store)).failed]).toEqual(["bad", "worse"]);
  });
});

Deno.test("retryFailed() opens what another round that came first leaves out, and nothing twice", async () => {
  const store = memoryStore();
  for (const id of ["a", "b", "c"]) {
    await commitFailure(store, failureOf(id, 0));
  }
  const before = await readRunState(store);
  let raced = false;
  const racing = stepped(store, async (what, key, when) => {
    if (raced || what !== "create" || when === "after") return;
    raced = true;
    expect(key).toBe("retries/1.json");
    await retryFailed(store, before, ["b", "c"]);
    // A fast worker has tried it again already, in vain.
    await commitFailure(store, failureOf("b", 1));
  });
  const state = await retryFailed(racing, before, ["a", "b"]);
  expect([...state.rounds].sort()).toEqual([["a", 2], ["b", 1], ["c", 1]]);
  expect([...state.failed]).toEqual(["b"]);
});

Deno.test("retryFailed() changes nothing where nothing failed", async () => {
  await withFileStore(async (store) => {
    const state = await readRunState(store);
    expect(await retryFailed(store, state, ["open"])).toBe(state);
    for await (const { key } of store.list("")) expect(key).toBe("none");
  });
});

Deno.test("writeRunSummary() counts every expected case exactly once", async () => {
  await withFileStore(async (store) => {
    await commitResult(store, resultOf("a", "t"));
    await commitFailure(store, failureOf("b", 0));
    const { summary, results } = await writeRunSummary(store, RUN_ID, [
      "a",
      "b",
      "c",
    ]);
    expect(summary.coverage).toEqual({
      expected: 3,
      done: 1,
      failed: 1,
      missing: 1,
    });
    expect(summary.failures.map(({ caseId }) => caseId)).toEqual(["b"]);
    expect(results.map(({ caseId }) => caseId)).toEqual(["a"]);
    expect(summary.metrics.nMissing).toBe(1);
    expect(await store.head("summary.json")).not.toBe(null);
  });
});

Deno.test("writeRunSummary() sums up the others where a record cannot be understood, and says what to do", async () => {
  await withFileStore(async (store) => {
    await commitResult(store, resultOf("good", "t"));
    await store.put("results/a.json", new TextEncoder().encode("{"));
    await store.put("failures/b/0.json", new TextEncoder().encode("{}"));
    const ids = ["a", "b", "good"];
    const { summary } = await writeRunSummary(store, RUN_ID, ids);
    expect(summary.coverage)
      .toEqual({ expected: 3, done: 1, failed: 0, damaged: 2, missing: 0 });
    expect(summary.metrics.nMissing).toBe(2);
    expect(summary.damaged).toEqual([
      {
        caseId: "a",
        problem:
          `Cannot read ${store.location}/results/a.json: it is not JSON: move it away to have the case done again`,
        isRecord: true,
      },
      {
        caseId: "b",
        problem: expect.stringMatching(
          /failures\/b\/0\.json: .*: `uptake retry --failed` tries the case again$/,
        ),
        isRecord: true,
      },
    ]);
    expect(await readRunSummary(store)).toEqual(summary);
  });
});

Deno.test("writeRunSummary() counts a record of another run or case as damaged, and none of its figures", async () => {
  await withFileStore(async (store) => {
    await commitResult(store, resultOf("good", "t"));
    const foreign = resultOf("a", "t", { runId: "another" });
    await store.put("results/a.json", encodeRecord(foreign));
    await store.put("results/b.json", encodeRecord(resultOf("good", "t")));
    const { summary, results } = await writeRunSummary(store, RUN_ID, [
      ...["a", "b", "good"],
    ]);
    expect(summary.coverage)
      .toEqual({ expected: 3, done: 1, failed: 0, damaged: 2, missing: 0 });
    expect(results.map(({ caseId }) => caseId)).toEqual(["good"]);
    expect(summary.damaged?.map(({ problem }) => problem)).toEqual([
      `Cannot use ${store.location}/results/a.json: It is of the run another, this is ${RUN_ID}: move it away to have the case done again`,
      `Cannot use ${store.location}/results/b.json: It is of the case "good", which its name does not say: move it away to have the case done again`,
    ]);
  });
});

Deno.test("writeRunSummary() names results whose files are gone or of another size, once each", async () => {
  const store = memoryStore();
  for (const id of ["gone", "short", "whole"]) {
    const files = ["mask.nii.gz", "probabilities.nii.gz"].map((name) => ({
      name,
      body: new Uint8Array(3),
      contentType: "application/gzip",
    }));
    const outputs = await writeAttempt(store, id, "t", files);
    await commitResult(store, resultOf(id, "t", { outputs }));
  }
  const ids = ["gone", "short", "whole"];
  const before = await writeRunSummary(store, RUN_ID, ids);
  expect(before.summary.damaged).toBeUndefined();
  for (const name of ["mask.nii.gz", "probabilities.nii.gz"]) {
    await store.delete(`attempts/gone/t/${name}`);
  }
  const key = "attempts/short/t/probabilities.nii.gz";
  await store.put(key, new Uint8Array(2));
  const { summary } = await writeRunSummary(store, RUN_ID, ids);
  expect(summary.coverage.done).toBe(3);
  expect(summary.damaged).toEqual([
    {
      caseId: "gone",
      problem:
        'Case "gone" is recorded, but its mask.nii.gz is gone (attempts/gone/t/mask.nii.gz): segment it again into another run',
    },
    {
      caseId: "short",
      problem:
        `Case "short" is recorded, but its probabilities.nii.gz has 2 bytes, 3 were committed (${key}): segment it again into another run`,
    },
  ]);
});

Deno.test("readRunSummary() gives null where there is none that can be understood", async () => {
  const store = memoryStore();
  expect(await readRunSummary(store)).toBeNull();
  await store.put("summary.json", new TextEncoder().encode("{"));
  expect(await readRunSummary(store)).toBeNull();
});
