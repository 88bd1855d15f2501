/**
 * Works through cases, always three at once: the next one is read and prepared, one is segmented,
 * and the last one is measured and written. So nothing but the network is waited for, and no more
 * than three cases are in memory.
 * @module
 */
import { CaseError } from "../../shared/case_error.ts";
import { explain } from "../cli/explain.ts";
import { ThreadDeath } from "../../shared/thread.ts";
import {
  beginCase,
  type BegunCase,
  type CaseEnd,
  commitCase,
  recordFailure,
  segmentCase,
  type SegmentedCase,
  type Task,
  type Worker,
} from "./work_case.ts";

/** Where a worker's cases come from. */
export interface CaseSource {
  /**
   * The next case, or null when there is none for this worker; waits where another case decides.
   *
   * @throws the signal's reason once it is aborted.
   */
  next(signal: AbortSignal): Promise<Task | null>;
  /** Told how each case ended that it handed out; null: it could not be recorded and is left. */
  ended(task: Task, end: CaseEnd | null): Promise<void>;
  /** Told of each case that a thread died with: one of them may be what kills it. */
  died?(task: Task): void;
}

/**
 * Does all cases of a source. A bad case is recorded; one that cannot be recorded (storage out of
 * reach, a defect) is said and left; the others go on.
 *
 * @throws the signal's reason once it is aborted, what the source throws, and {@linkcode ThreadDeath}.
 *   A case that is being written then is written to its end.
 */
export async function workCases(
  worker: Worker,
  source: CaseSource,
  { signal, say }: {
    readonly signal: AbortSignal;
    say(line: string): void;
  },
): Promise<void> {
  /** Once one part is broken, the others must not wait for what it would have ended. */
  const broken = new AbortController();
  const stop = AbortSignal.any([signal, broken.signal]);

  /** Does a part of a case's way; null when the case has ended there. */
  async function attempt<T>(task: Task, part: () => Promise<T>) {
    const { caseId } = task.item;
    try {
      return await part();
    } catch (error) {
      const isStopped = stop.aborted && error === stop.reason;
      if (isStopped) throw error;
      if (error instanceof ThreadDeath) {
        // Without its thread no other case fares better.
        source.died?.(task);
        throw error;
      }
      await worker.compute.cases.drop(caseId);
      await end(task, await recorded(task, error));
      return null;
    }
  }

  /** Storage that cannot be reached says nothing of the case: it is tried again, never recorded. */
  async function recorded(task: Task, error: unknown): Promise<CaseEnd | null> {
    let reason = error;
    if (error instanceof CaseError && error.kind !== "storage") {
      try {
        const failure = await recordFailure(worker, task, error);
        return { status: "failed", failure };
      } catch (cause) {
        reason = cause;
      }
    }
    say(`Case "${task.item.caseId}" is left for later: ${explain(reason)}`);
    return null;
  }

  async function end(task: Task, end: CaseEnd | null): Promise<void> {
    const { caseId } = task.item;
    if (end !== null) say(endLine(end));
    worker.progress({
      type: "caseEnd",
      caseId,
      outcome: end?.status ?? "left",
      ...(end?.status === "failed" && { kind: end.failure.kind }),
    });
    await source.ended(task, end);
  }

  async function begin(): Promise<BegunCase | null> {
    while (true) {
      stop.throwIfAborted();
      const task = await source.next(stop);
      if (task === null) return null;
      const begun = await attempt(task, () => beginCase(worker, task, stop));
      if (begun !== null) return begun;
    }
  }

  async function commit({ task, ...found }: SegmentedCase): Promise<void> {
    const result = await attempt(
      task,
      () => commitCase(worker, { task, ...found }),
    );
    if (result !== null) await end(task, { status: "done", result });
  }

  let upcoming = handled(begin());
  let committing = Promise.resolve();
  try {
    while (true) {
      const begun = await upcoming;
      if (begun === null) break;
      upcoming = handled(begin());
      const segmented = await attempt(
        begun.task,
        () => segmentCase(worker, begun, stop),
      );
      await committing;
      if (segmented !== null) {
        committing = handled(commit(segmented));
        committing.catch((error) => broken.abort(error));
      }
    }
  } catch (error) {
    broken.abort(error);
    throw error;
  } finally {
    await Promise.allSettled([committing, upcoming]);
  }
  await committing;
}

/** It is awaited later: until then its failure is no unhandled one. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function endLine(end: CaseEnd): string {
  if (end.status === "failed") return end.failure.message;
  const { caseId, windows, secondsPerStage } = end.result;
  const seconds = Object.values(secondsPerStage).reduce((a, b) => a + b, 0);
  return `${caseId}: done in ${seconds.toFixed(1)} s, ${
    windows?.computed ?? 0
  } of ${windows?.total ?? 0} windows computed`;
}
