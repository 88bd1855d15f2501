/**
 * Keeps the index in step with runs that people watch: a run is looked at every few seconds, however many watch it,
 * and not where the index has just looked at it by itself.
 * @module
 */
import { abortable } from "../../shared/abortable.ts";
import type { DashboardDeps } from "../deps.ts";
import { isOver } from "./run_status.ts";
import type { RunStatus } from "../../shared/runs/status.ts";

/** So often a run that somebody watches is looked at. */
const EVERY_MS = 5000;

/**
 * Sees that what is indexed of a run is not much older than where it stands.
 *
 * @param status where it stands, as its records tell; null where none do
 * @returns whether it is: not where the index is busy with the run
 * @throws what the store throws where it cannot be read; the signal's reason
 */
export type FollowRun = (
  runId: string,
  status: RunStatus | null,
  signal: AbortSignal,
) => Promise<boolean>;

interface Look {
  readonly atMs: number;
  /** Where the run stood when it began. */
  readonly status: RunStatus | null;
  readonly ended: Promise<unknown>;
  isUnderWay: boolean;
}

export function runFollower(
  { catalog, indexer, clock, now, patience: startPatience, signal: end }: Pick<
    DashboardDeps,
    "catalog" | "indexer" | "clock" | "now" | "patience" | "signal"
  >,
): FollowRun {
  const looks = new Map<string, Look>();

  function begin(runId: string, status: RunStatus | null): Look {
    const look: Look = {
      atMs: clock.nowMs(),
      status,
      // Shared: whoever began it may leave before it has ended.
      ended: indexer.refreshRun(runId, end),
      isUnderWay: true,
    };
    const over = () => look.isUnderWay = false;
    look.ended.then(over, over);
    looks.set(runId, look);
    return look;
  }

  /** Null where none is needed. */
  function lookAt(runId: string, status: RunStatus | null): Look | null {
    const nowMs = clock.nowMs();
    for (const [old, { atMs, isUnderWay }] of looks) {
      if (!isUnderWay && nowMs - atMs >= EVERY_MS) looks.delete(old);
    }
    const last = looks.get(runId);
    // What is told last of a run is told whole.
    if (status !== null && isOver(status) && last?.status !== status) {
      return begin(runId, status);
    }
    if (last !== undefined) return last;
    const row = catalog.get(
      "SELECT lookedAt FROM runs WHERE folder = ?",
      runId,
    );
    const lookedMs = Date.parse(String(row?.lookedAt));
    const isRecent = now().getTime() - lookedMs < EVERY_MS;
    return isRecent ? null : begin(runId, status);
  }

  return async (runId, status, signal) => {
    const look = lookAt(runId, status);
    if (look === null) return true;
    const patience = startPatience();
    try {
      await abortable(look.ended, AbortSignal.any([signal, patience]));
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (!patience.aborted) throw error;
      return false;
    }
  };
}
