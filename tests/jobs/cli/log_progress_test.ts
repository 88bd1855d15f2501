import { expect } from "@std/expect";
import { configure, reset } from "@logtape/logtape";
import { logProgress } from "../../../jobs/cli/log_progress.ts";
import type { ProgressEvent } from "../../../jobs/cli/progress.ts";

/** The log records' messages and properties; the clock moves on by a second with every event. */
async function logged(events: readonly ProgressEvent[]) {
  const lines: { message: string; properties: Record<string, unknown> }[] = [];
  await configure({
    reset: true,
    sinks: {
      lines: ({ message, properties }) =>
        lines.push({ message: message.join(""), properties }),
    },
    loggers: [
      { category: "uptake", lowestLevel: "info", sinks: ["lines"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: [] },
    ],
  });
  try {
    let now = 0;
    const progress = logProgress(() => now);
    for (const event of events) {
      progress(event);
      now += 1000;
    }
  } finally {
    await reset();
  }
  return lines;
}

Deno.test("logProgress() logs one line per stage and case, with what machines look for", async () => {
  const lines = await logged([
    { type: "start", cases: 2, runId: "r1" },
    { type: "caseStart", caseId: "a" },
    { type: "caseStart", caseId: "b" },
    {
      type: "stage",
      caseId: "a",
      stage: "read",
      seconds: 0.12345,
      outcome: "done",
    },
    { type: "window", caseId: "a", done: 1, total: 2 },
    { type: "caseEnd", caseId: "a", outcome: "done" },
    { type: "caseEnd", caseId: "b", outcome: "failed", kind: "geometry" },
    { type: "end" },
  ]);
  expect(lines).toEqual([
    {
      message: "a: read done in 0.123 s",
      properties: {
        ...{ event: "stage", runId: "r1", caseId: "a", stage: "read" },
        ...{ outcome: "done", seconds: 0.123 },
      },
    },
    {
      message: "a: case done in 4 s",
      properties: {
        ...{ event: "case", runId: "r1", caseId: "a" },
        ...{ outcome: "done", kind: undefined, seconds: 4 },
      },
    },
    {
      message: "b: case failed in 4 s",
      properties: {
        ...{ event: "case", runId: "r1", caseId: "b" },
        ...{ outcome: "failed", kind: "geometry", seconds: 4 },
      },
    },
  ]);
});

Deno.test("logProgress() measures a case that is tried again anew", async () => {
  const lines = await logged([
    { type: "caseStart", caseId: "a" },
    { type: "caseEnd", caseId: "a", outcome: "left" },
    { type: "window", caseId: "b", done: 1, total: 2 },
    { type: "caseStart", caseId: "a" },
    { type: "caseEnd", caseId: "a", outcome: "done" },
  ]);
  expect(lines.map(({ properties }) => properties.seconds)).toEqual([1, 1]);
});

Deno.test("logProgress() makes up no time for a case that it did not see begin", async () => {
  const lines = await logged([
    { type: "start", cases: 2, runId: "r1" },
    { type: "caseEnd", caseId: "a", outcome: "failed", kind: "workerDied" },
    { type: "caseSeen", runId: "r2", caseId: "b", outcome: "done" },
  ]);
  expect(lines).toEqual([
    {
      message: "a: case failed",
      properties: {
        ...{ event: "case", runId: "r1", caseId: "a" },
        ...{ outcome: "failed", kind: "workerDied" },
      },
    },
    {
      message: "b: done",
      properties: { runId: "r2", caseId: "b", outcome: "done" },
    },
  ]);
});
