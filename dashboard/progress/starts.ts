/**
 * Whether workers of a run may still be on their way. Until the first of them writes its record nothing tells of
 * them: what is known is when the run was made, and when workers were asked for from here.
 * @module
 */
import type { RunDetail } from "../../shared/catalog/queries/run.ts";
import type { WorkerRecord } from "../../shared/runs/records.ts";

/** Workers that have not begun after so long are not expected any more. */
const START_MS = 30_000;

export interface Starts {
  /** To be called when workers of a run were asked for. */
  asked(runId: string): void;
  /**
   * Whether the run was made, or workers asked for, a short while ago, and none has begun since.
   *
   * @param workers all that the run's records tell of
   */
  areComing(
    run: Pick<RunDetail, "runId" | "createdAt">,
    workers: readonly Pick<WorkerRecord, "startedAt">[],
  ): boolean;
}

export function createStarts(now: () => Date): Starts {
  const asked = new Map<string, number>();
  return {
    asked(runId) {
      const nowMs = now().getTime();
      for (const [old, atMs] of asked) {
        if (nowMs - atMs >= START_MS) asked.delete(old);
      }
      asked.set(runId, nowMs);
    },
    areComing({ runId, createdAt }, workers) {
      const sinceMs = Math.max(
        Date.parse(createdAt),
        asked.get(runId) ?? -Infinity,
      );
      // The clock of whoever made the run may be ahead.
      const isLately = Math.abs(now().getTime() - sinceMs) < START_MS;
      return isLately &&
        !workers.some(({ startedAt }) => Date.parse(startedAt) >= sinceMs);
    },
  };
}
