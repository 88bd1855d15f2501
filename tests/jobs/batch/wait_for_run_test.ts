/** @module Watching runs while others work on them. */
import { expect } from "@std/expect";
import type { ProgressEvent } from "../../../jobs/cli/progress.ts";
import { waitForRuns } from "../../../jobs/batch/wait_for_run.ts";
import { dispatchRuns } from "../../../jobs/batch/dispatch_runs.ts";
import { requestCancel } from "../../../shared/runs/cancel.ts";
import { resultKey } from "../../../shared/runs/keys.ts";
import { createRecord } from "../../../shared/runs/record_io.ts";
import { storageError } from "../../../shared/storage/storage_error.ts";
import { substore } from "../../../shared/storage/substore.ts";
import { fakeContext } from "../../support/command_line.ts";
import { resultOf, runOf, withFileStore } from "../../support/runs.ts";

Deno.test("waitForRuns() goes on when the store is away for a while, and says so", async () => {
  await withFileStore(async (files) => {
    const plain = substore(files, "run");
    let outages = 1;
    const store = {
      ...plain,
      list(...args: Parameters<typeof plain.list>) {
        if (outages-- > 0) {
          throw storageError(
            { operation: "list", location: "s3://b", key: "" },
            "storage",
            "away",
          );
        }
        return plain.list(...args);
      },
    };
    const run = runOf();
    for (const { caseId } of run.cases) {
      await createRecord(plain, resultKey(caseId), resultOf(caseId, "a"));
    }
    const said: string[] = [];
    const events: ProgressEvent[] = [];
    const [summarised] = await waitForRuns([{
      runId: run.runId,
      location: store.location,
      run,
      cases: run.cases,
      store,
    }], {
      progress: (event) => events.push(event),
      signal: new AbortController().signal,
      ended: Promise.resolve(),
      say: (line) => said.push(line),
    });
    expect(said).toEqual([
      "Cannot see how far the run is: Cannot list s3://b: away",
    ]);
    expect(summarised!.summary.coverage.done).toBe(run.cases.length);
    expect(events.filter(({ type }) => type === "caseSeen")).toHaveLength(2);
  });
});

Deno.test("waitForRuns() keeps looking at a run with open cases beside one that was cancelled", async () => {
  await withFileStore(async (files) => {
    const plain = substore(files, "going");
    const run = runOf();
    const last = Promise.withResolvers<void>();
    let listings = 0;
    const going = {
      ...plain,
      async *list(...args: Parameters<typeof plain.list>) {
        // Its first case is done a good many looks later.
        if (++listings === 100) {
          const [{ caseId } = { caseId: "" }] = run.cases;
          await createRecord(plain, resultKey(caseId), resultOf(caseId, "a"));
        }
        yield* plain.list(...args);
      },
    };
    const cancelled = substore(files, "cancelled");
    await requestCancel(cancelled, run.runId, "enough");
    const ref = (store: typeof plain, runId: string) => ({
      runId,
      location: store.location,
      run,
      cases: run.cases,
      store,
    });
    const summaries = await waitForRuns([
      ref(going, run.runId),
      ref(cancelled, `${run.runId}-2`),
    ], {
      // Workers leave once that is seen.
      progress: ({ type }) => type === "caseSeen" && last.resolve(),
      signal: new AbortController().signal,
      ended: last.promise,
      say: () => {},
      lookEveryMs: 1,
    });
    expect(summaries.map(({ summary }) => summary.coverage.done))
      .toEqual([1, 0]);
  });
});

Deno.test("dispatchRuns() lets workers log as this program does, and passes on their JSON with their index", async () => {
  const lines: string[] = [];
  const said: string[] = [];
  const dispatched = await dispatchRuns(
    { runs: ["file:///nowhere"], workers: 1, sharded: false },
    { dispatch: "local", wait: true },
    undefined,
    fakeContext("/", {
      say: (line) => said.push(line),
      logJsonLine: (line) => lines.push(line),
    }),
  );
  await dispatched.ended(new AbortController().signal);
  expect(lines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({
      message: expect.stringContaining("There is no run in file:///nowhere"),
      level: "ERROR",
      worker: 0,
    }),
  );
  expect(said).toEqual([]);
});

Deno.test("dispatchRuns() starts this program as a worker", async () => {
  const lines: string[] = [];
  const dispatched = await dispatchRuns(
    { runs: ["file:///nowhere"], workers: 1, sharded: false },
    { dispatch: "local", wait: true },
    undefined,
    fakeContext("/", { say: (line) => lines.push(line) }),
  );
  const { ok } = await dispatched.ended(new AbortController().signal);
  expect(ok).toBe(false);
  // Its own words: the program was found, and looked for the run.
  expect(lines.join()).toContain("There is no run in file:///nowhere");
});
