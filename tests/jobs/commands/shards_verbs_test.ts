/** @module `uptake cancel` and `retry` of runs whose workers keep to shards, as where a store cannot create conditionally. */
import { expect } from "@std/expect";
import { readCancel } from "../../../shared/runs/cancel.ts";
import { commitFailure } from "../../../shared/runs/commit.ts";
import { freezeRun } from "../../../shared/runs/freeze.ts";
import type { Failure, SegmentRun } from "../../../shared/runs/records.ts";
import { readRunState } from "../../../shared/runs/run_state.ts";
import { FileStore } from "../../../shared/storage/file_store.ts";
import { lastWriterWins } from "../../../shared/storage/last_writer.ts";
import { serverEnv } from "../../e2e/harness/scene.ts";
import { freezeTestRun } from "../../support/batch.ts";
import { uptake, withNanoCheckpoint } from "../../support/command_line.ts";
import { PHANTOM, writeFiles } from "../../support/datasets.ts";
import { caseOf, runOf, withFileStore } from "../../support/runs.ts";
import { testStore } from "../../support/s3_store.ts";
import { testWithSwift } from "../../support/s3_swift.ts";
import { runUptake } from "../../support/uptake_process.ts";

const SHARDS: Partial<SegmentRun> = {
  coordination: { kind: "shards", count: 2 },
};

function failureOf(caseId: string): Failure {
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
  };
}

testWithSwift(
  "cancel and retry work where a store cannot create conditionally",
  async (server) => {
    const store = lastWriterWins(testStore(server));
    const cases = [caseOf("bad"), caseOf("open")];
    await freezeRun(store, runOf({ ...SHARDS, cases }));
    await commitFailure(store, failureOf("bad"));
    const run = (verb: string, ...args: string[]) =>
      uptake("/", [verb, "--run", store.location, ...args], {
        env: serverEnv(server),
      });
    const cancelled = await run("cancel", "--reason", "wrong dataset");
    expect(cancelled.err).toBe("");
    expect(cancelled.code).toBe(0);
    await run("cancel", "--reason", "second thoughts");
    expect((await readCancel(store))!.reason).toBe("wrong dataset");
    const retried = await run("retry", "--failed", "--workers", "0");
    expect(retried.err).toBe("");
    expect(retried.code).toBe(0);
    expect(await readCancel(store)).toBeNull();
    expect((await readRunState(store)).rounds).toEqual(new Map([["bad", 1]]));
  },
);

Deno.test("retry refuses another number of workers than the run has shards, and changes nothing", async () => {
  await withFileStore(async (store, folder) => {
    await freezeRun(store, runOf({ ...SHARDS, cases: [caseOf("bad")] }));
    await commitFailure(store, failureOf("bad"));
    for (const workers of ["1", "3"]) {
      const ran = await uptake(folder, [
        ...["retry", "--run", ".", "--failed", "--workers", workers],
      ]);
      expect(ran.code).toBe(2);
      expect(ran.err).toBe(
        `The run has 2 shards, each takes one worker: --workers is 2 or left out, not ${workers}`,
      );
    }
    expect((await readRunState(store)).retries).toBe(0);
  });
});

Deno.test("retry starts a worker for each shard of the run, unasked", async () => {
  await withNanoCheckpoint(async (folder) => {
    const ids = ["a", "b", "c"];
    await writeFiles(
      folder,
      Object.fromEntries(
        ids.map((id) => [`scans/${id}.nii.gz`, PHANTOM.image]),
      ),
    );
    const store = new FileStore(`${folder}/run`);
    await freezeTestRun(store, folder, ids, SHARDS);
    const ran = await runUptake(folder, ["retry", "--run", "run", "--wait"]);
    expect(ran.err).toContain("Started 2 local workers");
    expect(ran.code).toBe(0);
    expect(ran.out).toContain("3 cases expected: 3 done, 0 failed, 0 missing");
  });
});

Deno.test("retry --help does not say that it freezes a run", async () => {
  const { out } = await uptake("/", ["retry", "--help"]);
  expect(out).not.toContain("freezes");
  expect(out.replace(/\s+/g, " ")).toContain("0 starts none");
});
