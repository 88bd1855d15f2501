import { expect } from "@std/expect";
import { workerReport } from "../../../jobs/batch/worker_report.ts";
import { workerRecordSchema } from "../../../shared/runs/records.ts";

function report() {
  let nowMs = Date.UTC(2026, 0, 2);
  const { record, progress, addForward } = workerReport({
    runId: "r",
    workerId: "w0-1",
    index: 0,
    codeVersion: "1",
    engine: { name: "onnx", device: "cpu", version: "1", threads: 2 },
  }, () => new Date(nowMs));
  return {
    progress,
    addForward,
    record: (state: Parameters<typeof record>[0]) =>
      workerRecordSchema.parse(record(state)),
    pass: (ms: number) => {
      nowMs += ms;
    },
    window: (caseId: string, done: number, total: number) =>
      progress({ type: "window", caseId, done, total }),
  };
}

Deno.test("workerReport() counts cases by their end, and failures by kind", () => {
  const { progress, record } = report();
  const end = (
    caseId: string,
    outcome: "done" | "failed" | "left",
    kind?: "voxels" | "label",
  ) => progress({ type: "caseEnd", caseId, outcome, ...(kind && { kind }) });
  end("a", "done");
  end("b", "failed", "voxels");
  end("c", "failed", "voxels");
  end("d", "failed", "label");
  end("e", "left");
  expect(record("ended")).toMatchObject({
    state: "ended",
    cases: { done: 1, failed: 3, left: 1 },
    failures: { voxels: 2, label: 1 },
  });
});

Deno.test("workerReport() counts every window once, while cases overlap", () => {
  const { progress, record, window } = report();
  window("a", 1, 3);
  window("a", 3, 3);
  expect(record("working")).toMatchObject({
    current: { caseId: "a", windows: 3, totalWindows: 3 },
    windows: 3,
  });
  // The next case is segmented while the last one is written.
  window("b", 1, 2);
  progress({ type: "caseEnd", caseId: "a", outcome: "done" });
  expect(record("working")).toMatchObject({
    current: { caseId: "b", windows: 1, totalWindows: 2 },
    windows: 4,
  });
  window("b", 2, 2);
  progress({ type: "caseEnd", caseId: "b", outcome: "done" });
  expect(record("working")).toMatchObject({ current: null, windows: 5 });
});

Deno.test("workerReport() tells that it waits while nothing is computed, and of no case once it is over", () => {
  const { record, window } = report();
  expect(record("working").state).toBe("waiting");
  window("a", 1, 3);
  expect(record("working").state).toBe("working");
  expect(record("stopped")).toMatchObject({ state: "stopped", current: null });
});

Deno.test("workerReport() adds forward passes up, and tells their first and last moment", () => {
  const { addForward, record, pass } = report();
  expect(record("working")).toMatchObject({
    busySeconds: 0,
    firstForwardAt: null,
  });
  addForward({ seconds: 0.5, startedAtMs: 1000, endedAtMs: 2000 });
  addForward({ seconds: 0.25, startedAtMs: 3000, endedAtMs: 4000 });
  pass(2500);
  expect(record("working")).toMatchObject({
    busySeconds: 0.75,
    elapsedSeconds: 2.5,
    firstForwardAt: "1970-01-01T00:00:01.000Z",
    lastForwardAt: "1970-01-01T00:00:04.000Z",
    startedAt: "2026-01-02T00:00:00.000Z",
    updatedAt: "2026-01-02T00:00:02.500Z",
  });
});

Deno.test("workerReport() stays readable when the machine's clock is set back", () => {
  const { record, pass } = report();
  pass(-60_000);
  expect(record("working").elapsedSeconds).toBe(0);
});
