/**
 * What a worker has done and is doing, gathered from its progress into the record that `status` and
 * the dashboard read.
 * @module
 */
import type { WorkerRecord } from "../../shared/runs/records.ts";
import type { Progress } from "../cli/progress.ts";
import type { ForwardTimes } from "../segmentation/predict_mask.ts";

export interface WorkerReport {
  /** To be told of the worker's progress. */
  readonly progress: Progress;
  /** To be told when forward passes were in flight. */
  addForward(times: ForwardTimes): void;
  /** The record as of now. */
  record(state: WorkerRecord["state"]): WorkerRecord;
}

/** What of a worker's record never changes. */
export type WorkerIdentity = Pick<
  WorkerRecord,
  "runId" | "workerId" | "index" | "codeVersion" | "engine"
>;

export function workerReport(
  identity: WorkerIdentity,
  now: () => Date = () => new Date(),
): WorkerReport {
  const startedAt = now();
  const cases = { done: 0, failed: 0, left: 0 };
  const failures: WorkerRecord["failures"] = {};
  let current: WorkerRecord["current"] = null;
  let windowsBefore = 0;
  let busySeconds = 0;
  let firstForwardAt: string | null = null;
  let lastForwardAt: string | null = null;
  return {
    addForward({ seconds, startedAtMs, endedAtMs }) {
      busySeconds += seconds;
      firstForwardAt ??= new Date(startedAtMs).toISOString();
      lastForwardAt = new Date(endedAtMs).toISOString();
    },
    progress(event) {
      if (event.type === "window") {
        const { caseId, done, total } = event;
        if (current !== null && current.caseId !== caseId) {
          windowsBefore += current.windows;
        }
        current = { caseId, windows: done, totalWindows: total };
      } else if (event.type === "caseEnd") {
        cases[event.outcome]++;
        const { kind } = event;
        if (kind !== undefined) failures[kind] = (failures[kind] ?? 0) + 1;
        if (current?.caseId === event.caseId) {
          windowsBefore += current.windows;
          current = null;
        }
      }
    },
    record(state) {
      const at = now();
      return {
        format: 1,
        ...identity,
        startedAt: startedAt.toISOString(),
        updatedAt: at.toISOString(),
        state: state === "working" && current === null ? "waiting" : state,
        cases: { ...cases },
        failures: { ...failures },
        current: state === "working" ? current : null,
        windows: windowsBefore + (current?.windows ?? 0),
        // The machine's clock may have been set back meanwhile.
        elapsedSeconds: Math.max(0, at.getTime() - startedAt.getTime()) / 1000,
        busySeconds,
        firstForwardAt,
        lastForwardAt,
      };
    },
  };
}
