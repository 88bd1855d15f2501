/**
 * Works through the open cases of a run in this process alone.
 * @module
 */
import { abortable } from "../../shared/abortable.ts";
import type { Case } from "../../shared/datasets/dataset.ts";
import { isRepeating } from "../../shared/runs/canary.ts";
import { publishMask } from "../../shared/runs/commit.ts";
import { resultKey } from "../../shared/runs/keys.ts";
import { readRecord } from "../../shared/runs/record_io.ts";
import { resultSchema } from "../../shared/runs/records.ts";
import { retryFailed } from "../../shared/runs/retry.ts";
import { readRunState } from "../../shared/runs/run_state.ts";
import { verifyResult } from "../../shared/runs/verify.ts";
import type { Worker } from "./work_case.ts";
import { type CaseSource, workCases } from "./work_cases.ts";

export interface SegmentRunOptions {
  /** Reread committed files and compare their sha256, not only their size. */
  readonly verify: boolean;
  readonly signal: AbortSignal;
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
  { verify, signal, say }: SegmentRunOptions,
): Promise<string[]> {
  const { store, progress } = worker;
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

  const { runId } = worker.run;
  progress({ type: "start", cases: open.length, runId });
  try {
    await workCases(worker, listSource(open, rounds, say), { signal, say });
  } finally {
    progress({ type: "end" });
  }
  return damaged;
}

/**
 * Hands out cases in order. The first one is the canary: the second comes when it has ended, and
 * none when it failed as every other would.
 */
function listSource(
  cases: readonly Case[],
  rounds: ReadonlyMap<string, number>,
  say: (line: string) => void,
): CaseSource {
  const canary = Promise.withResolvers<"goOn" | "stop">();
  let given = 0;
  return {
    async next(signal) {
      const item = cases[given];
      if (item === undefined) return null;
      if (given > 0) {
        const ended = await abortable(canary.promise, signal);
        if (ended === "stop") return null;
      }
      given++;
      return { item, round: rounds.get(item.caseId) ?? 0 };
    },
    ended({ item }, end) {
      if (item !== cases[0]) return Promise.resolve();
      const stops = end?.status === "failed" && isRepeating(end.failure.kind);
      if (stops) say("The other cases would fail alike: the run stops here");
      canary.resolve(stops ? "stop" : "goOn");
      return Promise.resolve();
    },
  };
}
