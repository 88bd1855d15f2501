/**
 * The cases of a run as one of its workers gets them: what is neither done nor failed nor in another
 * worker's hands, the canary first and alone: the first case that the network sees.
 * @module
 */
import { waitAtMost } from "../../shared/abortable.ts";
import { CaseError } from "../../shared/case_error.ts";
import { type Clock, systemClock } from "../../shared/dispatch/clock.ts";
import type { Case } from "../../shared/datasets/dataset.ts";
import { requestCancel } from "../../shared/runs/cancel.ts";
import { isRepeating, sawNetwork } from "../../shared/runs/canary.ts";
import {
  claimCase,
  isExpired,
  listClaims,
  type ListedClaim,
  MAX_ABANDONED_CLAIMS,
  releaseClaim,
} from "../../shared/runs/claims.ts";
import { failureKey, resultKey } from "../../shared/runs/keys.ts";
import { readRecord } from "../../shared/runs/record_io.ts";
import {
  type Claim,
  failureSchema,
  type SegmentRun,
} from "../../shared/runs/records.ts";
import { readRunState, type RunState } from "../../shared/runs/run_state.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { recordFailure, type Task } from "../segmentation/work_case.ts";
import type { CaseSource } from "../segmentation/work_cases.ts";
import { explain } from "../cli/explain.ts";
import { caseEndEvent, type Progress } from "../cli/progress.ts";

/** How long a worker trusts what it knows of the others' work, in milliseconds. */
const TRUST_MS = 30_000;

/** Listing a large run takes a while: this share of a worker's time at most. */
const MOST_LISTING = 1 / 20;

export interface RunSourceOptions {
  readonly run: SegmentRun;
  readonly store: ObjectStore;
  /** The worker's cases, in the order it does them. */
  readonly order: readonly Case[];
  /** Without claims the cases are this worker's alone. */
  readonly claims:
    | { readonly workerId: string; readonly termSeconds: number }
    | null;
  /** How often to look whether others have finished, in milliseconds. */
  readonly pollMs: number;
  readonly progress: Progress;
  say(line: string): void;
  /** @default this machine's */
  readonly clock?: Clock;
}

export interface RunSource extends CaseSource {
  /** Claims that are held now. */
  held(): readonly Claim[];
  /** Gives up what is still held, so that others need not wait until it expires. */
  release(): Promise<void>;
  /** Why no further case is handed out though some are open: the canary failed as they would; or null. */
  stopReason(): string | null;
  /** Cases that this worker could not record: some other try must. */
  readonly left: ReadonlySet<string>;
}

export function runSource(options: RunSourceOptions): RunSource {
  const { run, store, order, claims, pollMs, progress, say } = options;
  const { clock = systemClock } = options;
  /** What this worker has in its hands; null where there are no claims. */
  const held = new Map<string, Claim | null>();
  const left = new Set<string>();
  /** Cases with a record, as far as is known. */
  const resolved = new Set<string>();
  let rounds: RunState["rounds"] = new Map();
  let claimed = new Map<string, ListedClaim>();
  let trustedUntilMs = -Infinity;
  /** Whether unexpired claims are read, too: their owners may have released them. */
  let looksCloser = false;
  let someEnded = Promise.withResolvers<void>();
  /** What cases in their rounds told of the others, by failure keys. */
  const told = new Map<string, "allMayBegin" | "nothing">();
  let stopReason: string | null = null;

  async function refresh(signal: AbortSignal): Promise<void> {
    const startedMs = clock.nowMs();
    if (startedMs < trustedUntilMs) return;
    const state = await readRunState(store);
    rounds = state.rounds;
    resolved.clear();
    for (const caseId of [...state.done.keys(), ...state.failed]) {
      resolved.add(caseId);
    }
    if (claims !== null) claimed = await listClaims(store, signal);
    const nowMs = clock.nowMs();
    const listingMs = nowMs - startedMs;
    trustedUntilMs = nowMs + Math.max(TRUST_MS, listingMs / MOST_LISTING);
  }

  /** The case that must have ended before the others begin; null: it has, or the run is stopped. */
  async function findCanary(): Promise<Case | null> {
    for (const item of order) {
      if (!resolved.has(item.caseId)) return item;
      if (await tells(item) !== "nothing") return null;
    }
    return null;
  }

  /** What a case that has ended tells of the others, also where whoever had it died. */
  async function tells(
    { caseId }: Case,
  ): Promise<"allMayBegin" | "nothing" | "allWouldFail"> {
    const key = failureKey(caseId, rounds.get(caseId) ?? 0);
    const known = told.get(key);
    if (known !== undefined) return known;
    const failure = await readRecord(store, key, failureSchema);
    const isLost = failure !== null &&
      await store.head(resultKey(caseId)) === null;
    if (isLost && isRepeating(failure.kind)) {
      stopReason =
        `The first case failed as every other would (${failure.message})`;
      await requestCancel(store, run.runId, stopReason);
      say(`${stopReason}: the run is cancelled`);
      return "allWouldFail";
    }
    const answer = isLost && !sawNetwork(failure) ? "nothing" : "allMayBegin";
    told.set(key, answer);
    return answer;
  }

  /** @returns whether the case is in this worker's hands now. */
  async function take(task: Task): Promise<boolean> {
    const { item: { caseId }, round } = task;
    if (claims === null) {
      held.set(caseId, null);
      return true;
    }
    const newest = claimed.get(caseId);
    const now = await store.now();
    if (newest) {
      const expired = isExpired(newest, claims.termSeconds, now);
      if (!expired && !looksCloser) return false;
      // An owner that has finished renews no more: what is known of its case may be older than that.
      if (expired && await isRecorded(task)) {
        resolved.add(caseId);
        return false;
      }
    }
    const generation = newest?.generation ?? 0;
    const claimant = { runId: run.runId, ...claims };
    const claim = await claimCase(store, claimant, caseId, round, generation);
    if (claim === "abandoned") {
      await giveUp(task);
      return false;
    }
    if (claim === "held") {
      claimed.set(caseId, newest ?? { generation: 1, renewedAt: now });
      return false;
    }
    held.set(caseId, claim);
    claimed.set(caseId, { generation: claim.generation, renewedAt: now });
    return true;
  }

  async function isRecorded({ item: { caseId }, round }: Task) {
    return await store.head(resultKey(caseId)) !== null ||
      await store.head(failureKey(caseId, round)) !== null;
  }

  /** Records a case that kills its workers: nobody else would. */
  async function giveUp(task: Task): Promise<void> {
    const { caseId } = task.item;
    const problem =
      `${MAX_ABANDONED_CLAIMS} workers died or lost touch while they had it`;
    const error = new CaseError("workerDied", problem).at(caseId, "segment");
    const failure = await recordFailure(options, task, error);
    resolved.add(caseId);
    say(failure.message);
    progress(caseEndEvent(caseId, { status: "failed", failure }));
  }

  async function takeOneOf(cases: readonly Case[]): Promise<Task | null> {
    for (const item of cases) {
      const { caseId } = item;
      if (resolved.has(caseId) || held.has(caseId) || left.has(caseId)) {
        continue;
      }
      const task = { item, round: rounds.get(caseId) ?? 0 };
      if (await take(task)) return task;
    }
    return null;
  }

  return {
    left,
    stopReason: () => stopReason,
    held: () => [...held.values()].filter((claim) => claim !== null),

    async next(signal) {
      while (stopReason === null) {
        signal.throwIfAborted();
        await refresh(signal);
        const canary = await findCanary();
        if (stopReason !== null) return null;
        const task = await takeOneOf(canary === null ? order : [canary]);
        if (task !== null) {
          looksCloser = false;
          return task;
        }
        const isOver = order.every(({ caseId }) =>
          resolved.has(caseId) || left.has(caseId)
        );
        if (isOver || canary !== null && left.has(canary.caseId)) return null;
        // The rest is in the hands of others, who may finish, release or lose it; or in our own.
        await waitAtMost(pollMs, someEnded.promise, signal, clock.sleep);
        trustedUntilMs = -Infinity;
        looksCloser = true;
      }
      return null;
    },

    async ended({ item: { caseId } }, end) {
      const claim = held.get(caseId);
      held.delete(caseId);
      if (end === null) {
        left.add(caseId);
        if (claim) await releaseQuietly(claim);
      } else resolved.add(caseId);
      someEnded.resolve();
      someEnded = Promise.withResolvers();
    },

    died({ item: { caseId } }) {
      const claim = held.get(caseId);
      held.delete(caseId);
      // It is left to expire, and counts as abandoned: else a case that kills its workers never ends.
      if (claim) {
        say(
          `Case "${caseId}" may have killed its thread: it stays claimed until its term ends`,
        );
      }
    },

    async release() {
      const claims = [...held.values()].filter((claim) => claim !== null);
      held.clear();
      for (const claim of claims) await releaseQuietly(claim);
    },
  };

  /** Where the store is out of reach the claim expires by itself. */
  async function releaseQuietly(claim: Claim): Promise<void> {
    try {
      await releaseClaim(store, claim);
    } catch (error) {
      say(
        `Case "${claim.caseId}" stays claimed until its term ends: ${
          explain(error)
        }`,
      );
    }
  }
}
