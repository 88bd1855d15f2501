/** @module Workers on the page of a run. */
import { expect } from "@std/expect";
import type {
  Progress,
  WorkerProgress,
} from "../../../dashboard/progress/progress.ts";
import { RunProgress } from "../../../dashboard/views/run_progress.tsx";
import { wordsOf } from "../../support/results_dashboard.ts";
import { workerRecordOf } from "../../support/runs.ts";

function worker(
  workerId: string,
  silentSeconds: number,
  isOverdue = false,
): WorkerProgress {
  return { ...workerRecordOf(workerId), alive: true, isOverdue, silentSeconds };
}

function words(workers: readonly WorkerProgress[]): string {
  const progress: Progress = {
    coverage: { expected: 4, done: 1, failed: 0, missing: 3 },
    state: "running",
    cancelReason: null,
    casesPerHour: null,
    secondsLeft: null,
    workerSeconds: 100,
    busySeconds: 50,
    cost: null,
    device: "cpu",
    workers: [...workers],
    damaged: [],
    nDamaged: 0,
    failuresByKind: {},
  };
  return wordsOf(String(RunProgress({ progress, casesPath: "/cases" })));
}

const order = (text: string) =>
  [...text.matchAll(/\bw\d\d\b/g)].map(([id]) => id);

Deno.test("rows of workers stay in place, whoever was heard of last", () => {
  const [a, b] = [worker("w01", 1), worker("w02", 3)];
  expect(order(words([a, b]))).toEqual(["w01", "w02"]);
  expect(order(words([b, a]))).toEqual(["w01", "w02"]);
});

Deno.test("of many workers those at work are shown, in the same order", () => {
  const many = Array.from(
    { length: 14 },
    (_, n) => worker(`w${10 + n}`, n < 2 ? 20 : 1, n < 2),
  );
  expect(order(words(many))).toEqual(
    many.slice(2).map(({ workerId }) => workerId),
  );
});

Deno.test("a worker whose sign of life is overdue is silent, and not at work", () => {
  const text = words([worker("w01", 1), worker("w02", 16, true)]);
  expect(text).toContain("1 of 2 at work");
  expect(text).toContain("w02 silent for 16 s");
  expect(text).toContain("Worker time 1 min 40 s");
  expect(text).toContain("Share spent computing 50 %");
});
