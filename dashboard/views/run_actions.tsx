/** @module What operators can do about a run. While it goes on, the page gets this part anew, as it stands here. */
import type { RunDetail } from "../../shared/catalog/queries/run.ts";
import { type Role, suffices } from "../auth/roles.ts";
import type { Progress } from "../progress/progress.ts";

export interface WhatMayBeDone {
  readonly role: Role;
  /** Where the run is, as the command line takes it. */
  readonly location: string;
  /** Whether workers can be started from here. */
  readonly canStart: boolean;
}

export function RunActions({ run, progress, may }: {
  run: Pick<RunDetail, "runId" | "kind" | "cancel">;
  progress: Progress;
  may: WhatMayBeDone;
}) {
  if (run.kind !== "segment" || !suffices(may.role, "operator")) return null;
  const { coverage, state, cancelReason } = progress;
  const isCancelled = run.cancel !== null || cancelReason !== null;
  const isWaiting = state === "waiting";
  const mayRetry = coverage.failed > 0 || isCancelled ||
    isWaiting && may.canStart;
  const mayCancel = !isCancelled && coverage.missing > 0 &&
    state !== "finished";
  if (!mayRetry && !mayCancel) return null;
  const path = `/runs/${run.runId}`;
  return (
    <>
      {isWaiting && !may.canStart && (
        <p class="muted">
          Nobody works on it. Start workers with{" "}
          <code>uptake retry --run {may.location}</code>
        </p>
      )}
      <div class="row actions">
        {mayRetry && (
          <form method="post" action={`${path}/retry`}>
            <button type="submit">
              {coverage.failed > 0
                ? "Retry failed cases"
                : isCancelled
                ? "Let it go on"
                : "Start workers"}
            </button>
          </form>
        )}
        {mayCancel && (
          <details>
            <summary class="button quiet">Cancel…</summary>
            <form method="post" action={`${path}/cancel`} class="row">
              <label>
                Why (for whoever wonders later)
                <input name="reason" maxlength={500} />
              </label>
              <button type="submit" class="button danger">
                Stop the workers
              </button>
            </form>
          </details>
        )}
      </div>
    </>
  );
}
