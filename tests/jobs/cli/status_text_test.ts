import { expect } from "@std/expect";
import { statusText } from "../../../jobs/cli/status_text.ts";
import type { Failure } from "../../../shared/runs/records.ts";
import type { RunStatus, WorkerStatus } from "../../../shared/runs/status.ts";
import { runOf, workerRecordOf } from "../../support/runs.ts";

function statusOf(change: Partial<RunStatus> = {}): RunStatus {
  return {
    run: runOf(),
    coverage: { expected: 2, done: 0, failed: 0, missing: 2 },
    cancel: null,
    workers: [],
    damagedWorkers: 0,
    damaged: [],
    unread: 0,
    failures: [],
    failuresByKind: {},
    casesPerHour: null,
    secondsLeft: null,
    workerSeconds: 0,
    busySeconds: 0,
    cost: null,
    ...change,
  };
}

function workerOf(
  workerId: string,
  change: Partial<WorkerStatus> = {},
): WorkerStatus {
  return {
    ...workerRecordOf(workerId),
    alive: true,
    isOverdue: false,
    silentSeconds: 2,
    ...change,
  };
}

function failureOf(n: number): Failure {
  return {
    format: 1,
    runId: "r",
    caseId: `c${n}`,
    round: 0,
    attempt: "t",
    codeVersion: "0",
    failedAt: "2026-01-02T03:04:05.000Z",
    kind: "voxels",
    stage: "read",
    message: `Cannot read case "c${n}": it is odd`,
  };
}

Deno.test("statusText() of a run that nobody works on is two lines", () => {
  expect(statusText(statusOf())).toBe(
    `Run 20260102T030405Z-000000: 0 of 2 cases done, 0 failed, 2 open
worker time less than 1 s`,
  );
});

Deno.test("statusText() tells pace, time left, cost, workers and failures", () => {
  const text = statusText(statusOf({
    coverage: { expected: 10, done: 5, failed: 1, missing: 4 },
    workers: [
      workerOf("w0-12345678-1234-1234-1234-123456789012", {
        cases: { done: 3, failed: 1, left: 0 },
        current: { caseId: "ä b", windows: 12, totalWindows: 27 },
      }),
      workerOf("w1-abcdefab-1234-1234-1234-123456789012", {
        cases: { done: 2, failed: 0, left: 0 },
        alive: false,
        isOverdue: true,
        silentSeconds: 300,
      }),
      workerOf("w2-abcdefab", {
        state: "ended",
        alive: false,
        silentSeconds: 7500,
      }),
    ],
    failures: [failureOf(1)],
    failuresByKind: { voxels: 1 },
    casesPerHour: 123.45,
    secondsLeft: 4000,
    workerSeconds: 7200,
    busySeconds: 6912,
    cost: { amount: 3, currency: "EUR" },
    damagedWorkers: 1,
  }));
  expect(text).toBe(
    `Run 20260102T030405Z-000000: 5 of 10 cases done, 1 failed, 4 open
123.5 cases per hour, about 1 h 6 min left, worker time 2 h, 96 % of it computing, cost 3.00 EUR
┌─────────────┬─────────┬──────┬────────┬──────┬──────┬────────┬───────────────────┐
│ Worker      │ State   │ Done │ Failed │ Left │ Case │ Window │ Last sign of life │
├─────────────┼─────────┼──────┼────────┼──────┼──────┼────────┼───────────────────┤
│ w0-12345678 │ working │    3 │      1 │    0 │  ä b │  12/27 │           2 s ago │
│ w1-abcdefab │ silent  │    2 │      0 │    0 │    - │      - │         5 min ago │
│ w2-abcdefab │ ended   │    0 │      0 │    0 │    - │      - │     2 h 5 min ago │
└─────────────┴─────────┴──────┴────────┴──────┴──────┴────────┴───────────────────┘
Files in workers/ that cannot be understood: 1
Failures: 1 voxels
  Cannot read case "c1": it is odd`,
  );
});

Deno.test("statusText() says that and why the run is cancelled", () => {
  const cancel = {
    format: 1,
    runId: "r",
    requestedAt: "2026-01-02T03:04:05.000Z",
    reason: "wrong dataset",
  } as const;
  expect(statusText(statusOf({ cancel })).split("\n")[1])
    .toBe("Cancelled: wrong dataset");
});

Deno.test("statusText() shows control characters of names, and no line that one made", () => {
  const evil = "a\x1b[2J\nRun r: 9 of 9 cases done";
  const text = statusText(statusOf({
    cancel: {
      requestedAt: "2026-01-02T03:04:05.000Z",
      reason: evil,
    },
    workers: [
      workerOf("w0-12345678", {
        current: { caseId: evil, windows: 1, totalWindows: 2 },
      }),
    ],
    failures: [{ ...failureOf(1), message: evil }],
    failuresByKind: { voxels: 1 },
    damaged: [{ caseId: evil, problem: evil }],
  }));
  expect(text).not.toContain("\x1b");
  expect(text.split("\n").filter((line) => /^ *Run r/.test(line))).toEqual([]);
  expect(text.match(/a\\x1b\[2J\\nRun r/g)).toHaveLength(4);
});

Deno.test("statusText() shows ten failures of many, and says of how many they are", () => {
  const failures = Array.from({ length: 1000 }, (_, n) => failureOf(n));
  const lines = statusText(statusOf({
    coverage: { expected: 2000, done: 0, failed: 1500, missing: 500 },
    failures,
    failuresByKind: { voxels: 900, label: 100 },
  })).split("\n").slice(2);
  expect(lines[0]).toBe("Failures of the first 1000: 900 voxels, 100 label");
  expect(lines).toHaveLength(12);
  expect(lines.at(-1)).toBe("  ... and 990 more: --json has them");
});
