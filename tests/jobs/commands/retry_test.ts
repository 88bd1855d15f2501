/** @module `uptake retry`, as a user types it. */
import { expect } from "@std/expect";
import { commitFailure, commitResult } from "../../../shared/runs/commit.ts";
import { freezeRun } from "../../../shared/runs/freeze.ts";
import type { Failure } from "../../../shared/runs/records.ts";
import { readRunState } from "../../../shared/runs/run_state.ts";
import type { FileStore } from "../../../shared/storage/file_store.ts";
import { uptake } from "../../support/command_line.ts";
import { caseOf, resultOf, runOf, withFileStore } from "../../support/runs.ts";

/** A run in which `done` is done, `open` is open, and `a` and `b` failed for different reasons. */
async function withRun(
  use: (folder: string, store: FileStore) => Promise<void>,
): Promise<void> {
  await withFileStore(async (store, folder) => {
    const cases = ["a", "b", "done", "open"].map((id) => caseOf(id));
    await freezeRun(store, runOf({ cases }));
    await commitResult(store, resultOf("done", "t"));
    await commitFailure(store, failureOf("a", "voxels"));
    await commitFailure(store, failureOf("b", "geometry"));
    await use(folder, store);
  });
}

function failureOf(caseId: string, kind: Failure["kind"]): Failure {
  return {
    format: 1,
    runId: runOf().runId,
    caseId,
    round: 0,
    attempt: "t",
    codeVersion: "0",
    failedAt: "2026-01-02T03:04:05.000Z",
    kind,
    stage: "read",
    message: `Cannot read case "${caseId}": it is odd`,
  };
}

function retry(folder: string, ...args: string[]) {
  return uptake(folder, ["retry", "--run", ".", "--workers", "0", ...args]);
}

Deno.test("retry tells what it opened, and what is open", async () => {
  await withRun(async (folder, store) => {
    const one = await retry(folder, "--failed", "--kind", "voxels");
    expect(one.code).toBe(0);
    expect(one.out)
      .toBe("1 failed cases are open again: 2 of 4 cases are open");
    expect((await readRunState(store)).rounds).toEqual(new Map([["a", 1]]));
    const rest = await retry(folder, "--failed", "--json");
    expect(JSON.parse(rest.out)).toMatchObject({ again: ["b"], open: 3 });
    // Another process has opened them all: none is this one's, but three are open.
    const none = await retry(folder, "--failed");
    expect(none.out)
      .toBe("0 failed cases are open again: 3 of 4 cases are open");
  });
});

Deno.test("retry opens nothing where it would wait for workers that nobody starts", async () => {
  await withRun(async (folder, store) => {
    const before = await readRunState(store);
    const ran = await retry(folder, "--failed", "--wait");
    expect(ran.code).toBe(2);
    expect(ran.err).toContain("--workers 0 starts nobody");
    expect(await readRunState(store)).toEqual(before);
  });
});

Deno.test("retries at once open every failed case between them", async () => {
  await withRun(async (folder, store) => {
    const both = await Promise.all([
      retry(folder, "--failed", "--kind", "voxels"),
      retry(folder, "--failed", "--kind", "geometry"),
      retry(folder, "--failed"),
    ]);
    expect(both.map(({ code }) => code)).toEqual([0, 0, 0]);
    const { failed, rounds } = await readRunState(store);
    expect([...failed]).toEqual([]);
    expect([...rounds.keys()].sort()).toEqual(["a", "b"]);
    const { out } = await retry(folder);
    expect(out).toBe("0 failed cases are open again: 3 of 4 cases are open");
  });
});

Deno.test("retry opens a case again whose failure cannot be understood", async () => {
  await withRun(async (folder, store) => {
    await store.put("failures/a/0.json", new TextEncoder().encode("{"));
    const named = await retry(folder, "--failed", "--kind", "voxels");
    expect(named.code).toBe(1);
    expect(named.err).toContain("failures/a/0.json: it is not JSON");
    expect((await retry(folder, "--failed")).code).toBe(0);
    expect((await readRunState(store)).rounds)
      .toEqual(new Map([["a", 1], ["b", 1]]));
  });
});
