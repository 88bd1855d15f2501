/**
 * Watching runs from beside: shows how far they are until all is recorded or nobody works any more.
 * @module
 */
import { waitAtMost } from "../../shared/abortable.ts";
import { CaseError } from "../../shared/case_error.ts";
import { readCancel } from "../../shared/runs/cancel.ts";
import { readRunState } from "../../shared/runs/run_state.ts";
import {
  type Summarised,
  writeRunSummary,
} from "../../shared/runs/summarise.ts";
import { explain } from "../cli/explain.ts";
import type { Progress } from "../cli/progress.ts";
import type { FrozenRunRef } from "./freeze_planned.ts";

const LOOK_EVERY_MS = 2000;

export interface WaitOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Resolves when no worker works any more. */
  readonly ended: Promise<unknown>;
  /** How long the runs are left alone between two looks. @default {2 s} */
  readonly lookEveryMs?: number;
  say(line: string): void;
}

/**
 * Waits, then sums up each run.
 *
 * @returns what each run came to, in their order.
 * @throws the signal's reason once it is aborted; what `ended` rejects with.
 */
export async function waitForRuns(
  runs: readonly FrozenRunRef[],
  { progress, signal, ended, say, lookEveryMs = LOOK_EVERY_MS }: WaitOptions,
): Promise<Summarised[]> {
  const told = new Set<string>();
  const total = runs.reduce((sum, { cases }) => sum + cases.length, 0);
  let isOver = false;
  const over = ended.finally(() => isOver = true);
  over.catch(() => {});
  /** Workers go on whether or not they can be watched. */
  const look = async () => {
    try {
      return await tellNews(runs, told, progress);
    } catch (error) {
      if (!(error instanceof CaseError)) throw error;
      say(`Cannot see how far the run is: ${explain(error)}`);
      return false;
    }
  };
  progress({ type: "start", cases: total });
  try {
    while (!isOver) {
      if (await look()) break;
      await waitAtMost(lookEveryMs, over, signal);
    }
    await look();
  } finally {
    progress({ type: "end" });
  }
  // Workers that still live write their last words and end by themselves.
  await over;
  return await Promise.all(
    runs.map(({ store, runId, cases }) =>
      writeRunSummary(
        store,
        runId,
        cases.map(({ caseId }) => caseId),
      )
    ),
  );
}

/** @returns whether every run has come to its end. */
async function tellNews(
  runs: readonly FrozenRunRef[],
  told: Set<string>,
  progress: Progress,
): Promise<boolean> {
  let areOver = true;
  for (const { runId, cases, store } of runs) {
    const { done, failed } = await readRunState(store);
    let isOver = true;
    for (const { caseId } of cases) {
      const outcome = done.has(caseId)
        ? "done"
        : failed.has(caseId)
        ? "failed"
        : null;
      const key = `${runId}/${caseId}`;
      if (outcome === null) isOver = false;
      else if (!told.has(key)) {
        told.add(key);
        progress({ type: "caseSeen", runId, caseId, outcome });
      }
    }
    if (!isOver && await readCancel(store) === null) areOver = false;
  }
  return areOver;
}
