/**
 * What a worker does beside its work, every few seconds: renew its claims, tell how far it is, and
 * look whether it is to stop.
 * @module
 */
import { type Clock, systemClock } from "../../shared/dispatch/clock.ts";
import { type CancelRequest, readCancel } from "../../shared/runs/cancel.ts";
import { renewClaim } from "../../shared/runs/claims.ts";
import { claimKey, workerKey } from "../../shared/runs/keys.ts";
import { writeRecord } from "../../shared/runs/record_io.ts";
import type { Claim, WorkerRecord } from "../../shared/runs/records.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { explain } from "../cli/explain.ts";

/** A claim is renewed so often within its term, so that one lost renewal does not cost it. */
const RENEWALS_PER_TERM = 3;

export interface HeartbeatOptions {
  readonly store: ObjectStore;
  readonly beatMs: number;
  readonly termSeconds: number;
  held(): readonly Claim[];
  record(): WorkerRecord;
  /** Told once, when somebody has asked every worker to stop. */
  onCancel(cancel: CancelRequest): void;
  say(line: string): void;
  /** @default this machine's */
  readonly clock?: Clock;
}

/** Beats until the signal is aborted; then the promise resolves. What fails is said, and tried again at the next beat. */
export async function heartbeat(
  options: HeartbeatOptions,
  signal: AbortSignal,
): Promise<void> {
  const { store, beatMs, termSeconds, held, record, onCancel, say } = options;
  const { clock = systemClock } = options;
  const renewEveryMs = termSeconds * 1000 / RENEWALS_PER_TERM;
  const renewedAt = new Map<string, number>();
  let cancelled = false;

  async function attempt(what: string, work: () => Promise<void>) {
    try {
      await work();
    } catch (error) {
      say(`Cannot ${what}: ${explain(error)}`);
    }
  }

  async function renew(claim: Claim): Promise<void> {
    const key = claimKey(claim.caseId, claim.generation);
    const now = clock.nowMs();
    const last = renewedAt.get(key);
    if (last !== undefined && now - last < renewEveryMs) return;
    // Seen for the first time it is as good as new.
    if (last !== undefined) await renewClaim(store, claim);
    renewedAt.set(key, now);
  }

  while (!signal.aborted) {
    if (!cancelled) {
      await attempt("look whether the run is cancelled", async () => {
        const cancel = await readCancel(store);
        if (cancel === null) return;
        cancelled = true;
        onCancel(cancel);
      });
    }
    for (const claim of held()) {
      // It may have been released while the ones before it were renewed.
      if (!held().includes(claim)) continue;
      await attempt(
        `renew the claim of case "${claim.caseId}"`,
        () => renew(claim),
      );
    }
    const current = record();
    await attempt(
      "tell how far this worker is",
      () => writeRecord(store, workerKey(current.workerId), current),
    );
    try {
      await clock.sleep(beatMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
