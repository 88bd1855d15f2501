/**
 * Works through the open cases of a run in this process, one after the other.
 * @module
 */
import type { FailureKind } from "../../shared/case_error.ts";
import type { Case } from "../../shared/datasets/dataset.ts";
import { publishMask } from "../../shared/runs/commit.ts";
import { resultKey } from "../../shared/runs/keys.ts";
import { readRecord } from "../../shared/runs/record_io.ts";
import { resultSchema } from "../../shared/runs/records.ts";
import { retryFailed } from "../../shared/runs/retry.ts";
import { readRunState } from "../../shared/runs/run_state.ts";
import { verifyResult } from "../../shared/runs/verify.ts";
import { explain } from "../cli/explain.ts";
import { caseEndEvent, type Progress } from "../cli/progress.ts";
import { type CaseEnd, workCase, type Worker } from "./work_case.ts";

/** Failures that every other case would share: on the first case they stop the run. */
const REPEATING: ReadonlySet<FailureKind> = new Set([
  "model",
  "engine",
  "outOfMemory",
  "configuration",
]);

export interface SegmentRunOptions {
  /** Reread committed files and compare their sha256, not only their size. */
  readonly verify: boolean;
  readonly progress: Progress;
  say(line: string): void;
}

/**
 * Skips cases that are done, tries failed ones again in a new round, and does the rest. A case that
 * cannot be recorded (storage out of reach, a defect) is said and left for the next run.
 *
 * @param cases the run's cases that are asked for
 * @returns cases that are done, but no longer stand as they were committed
 */
export async function segmentRun(
  worker: Worker,
  cases: readonly Case[],
  { verify, progress, say }: SegmentRunOptions,
): Promise<string[]> {
  const { store, signal } = worker;
  const state = await readRunState(store);
  const open: Case[] = [];
  const damaged: string[] = [];
  let skipped = 0;
  for (const item of cases) {
    signal.throwIfAborted();
    if (!state.done.has(item.caseId)) {
      open.push(item);
      continue;
    }
    skipped++;
    const result = await readRecord(
      store,
      resultKey(item.caseId),
      resultSchema,
    );
    if (result === null) continue;
    const problem = await verifyResult(store, result, worker.open, verify);
    if (problem === null) await publishMask(store, result);
    else {
      damaged.push(item.caseId);
      say(problem);
    }
  }
  if (skipped > 0) say(`${skipped} of ${cases.length} cases are done already`);

  const ids = open.map(({ caseId }) => caseId);
  const { rounds } = await retryFailed(store, state, ids);

  progress({ type: "start", cases: open.length });
  try {
    for (const [index, item] of open.entries()) {
      progress({ type: "caseStart", caseId: item.caseId });
      const end = await tryCase(
        worker,
        item,
        rounds.get(item.caseId) ?? 0,
        say,
      );
      progress(caseEndEvent(item.caseId, end));
      if (end === null) continue;
      say(endLine(end));
      const isCanary = index === 0;
      if (
        isCanary && end.status === "failed" && REPEATING.has(end.failure.kind)
      ) {
        say("The other cases would fail alike: the run stops here");
        break;
      }
    }
  } finally {
    progress({ type: "end" });
  }
  return damaged;
}

async function tryCase(
  worker: Worker,
  item: Case,
  round: number,
  say: (line: string) => void,
): Promise<CaseEnd | null> {
  worker.signal.throwIfAborted();
  try {
    return await workCase(worker, item, round);
  } catch (error) {
    worker.signal.throwIfAborted();
    say(`Case "${item.caseId}" is left for the next run: ${explain(error)}`);
    return null;
  }
}

function endLine(end: CaseEnd): string {
  if (end.status === "failed") return end.failure.message;
  const { caseId, windows, secondsPerStage } = end.result;
  const seconds = Object.values(secondsPerStage).reduce((a, b) => a + b, 0);
  return `${caseId}: done in ${seconds.toFixed(1)} s, ${
    windows?.computed ?? 0
  } of ${windows?.total ?? 0} windows computed`;
}
