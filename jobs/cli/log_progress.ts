/**
 * Progress as structured log lines: one per stage and one per case, with ids only.
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Progress } from "./progress.ts";

/**
 * Logs every stage and case that came to its end, with what machines look for as properties.
 *
 * @param nowMs a clock that only moves forward
 */
export function logProgress(
  nowMs: () => number = () => performance.now(),
): Progress {
  const log = getLogger("uptake");
  const startedAtMs = new Map<string, number>();
  let runId: string | undefined;
  return (event) => {
    switch (event.type) {
      case "start":
        ({ runId } = event);
        break;
      case "caseStart":
        startedAtMs.set(event.caseId, nowMs());
        break;
      case "stage": {
        const { type, caseId, stage, outcome } = event;
        const seconds = rounded(event.seconds);
        const properties = { runId, caseId, stage, outcome, seconds };
        log.info("{caseId}: {stage} {outcome} in {seconds} s", {
          event: type,
          ...properties,
        });
        break;
      }
      case "caseEnd": {
        const { caseId, outcome, kind } = event;
        const startedMs = startedAtMs.get(caseId);
        startedAtMs.delete(caseId);
        if (startedMs === undefined) {
          // Nobody began it: its workers died.
          const properties = { runId, caseId, outcome, kind };
          log.info("{caseId}: case {outcome}", {
            event: "case",
            ...properties,
          });
          break;
        }
        const seconds = rounded((nowMs() - startedMs) / 1000);
        const properties = { runId, caseId, outcome, kind, seconds };
        log.info("{caseId}: case {outcome} in {seconds} s", {
          event: "case",
          ...properties,
        });
        break;
      }
      case "caseSeen": {
        // No event of its own: whoever did the case has logged it, with what it took.
        const { caseId, outcome } = event;
        log.info("{caseId}: {outcome}", {
          runId: event.runId,
          caseId,
          outcome,
        });
        break;
      }
      case "window":
      case "end":
        break;
    }
  };
}

/** To the millisecond. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
