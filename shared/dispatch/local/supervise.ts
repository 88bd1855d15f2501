/**
 * Keeps one local worker going: what may pass is tried again, what will not pass is told.
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Clock } from "../clock.ts";
import type { ProcessEnd, WorkerProcess } from "./worker_process.ts";

/** Exit codes of `uptake work` that mean more than a failure. */
const EXIT = {
  done: 0,
  tryAgain: 75,
  configuration: 78,
  stopped: 143,
} as const;

export interface RestartLimits {
  /** How often a worker is started again in a row. */
  readonly inARow: number;
  /** A worker that ran for so long got somewhere: the row starts anew. */
  readonly steadyMs: number;
  /** The first wait; each further one is twice as long. */
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/** Half a minute in all: longer outages are waited out by the store's own retries. */
export const RESTART_LIMITS: RestartLimits = {
  inARow: 5,
  steadyMs: 60_000,
  minDelayMs: 1_000,
  maxDelayMs: 30_000,
};

export interface WorkerEnd {
  readonly kind: "done" | "configuration" | "failed" | "stopped";
  /** How it ended, after "worker 2": `was killed by SIGKILL`. */
  readonly how: string;
}

export interface Supervision {
  readonly index: number;
  /** Running already. */
  readonly process: WorkerProcess;
  startAgain(): Promise<WorkerProcess>;
  readonly limits: RestartLimits;
  /** Aborted when the worker is to stop. */
  readonly stopping: AbortSignal;
  /** How long a worker may take between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  readonly clock: Clock;
}

const log = getLogger(["uptake", "dispatch"]);

/** Returns when the worker has ended for good. */
export async function supervise(
  { index, startAgain, limits, stopping, graceMs, clock, ...first }:
    Supervision,
): Promise<WorkerEnd> {
  let { process } = first;
  let restarts = 0;
  for (;;) {
    const startedMs = clock.nowMs();
    const end = await endOrStop(process, stopping, graceMs, clock);
    const how = describeEnd(end);
    // What ended well while it was asked to stop, ended well.
    if (end.code === EXIT.done) return { kind: "done", how };
    if (stopping.aborted) return { kind: "stopped", how };
    if (end.code === EXIT.configuration) return { kind: "configuration", how };
    if (!mayPass(end)) return { kind: "failed", how };
    if (clock.nowMs() - startedMs >= limits.steadyMs) restarts = 0;
    if (restarts === limits.inARow) {
      const again = restarts === 0
        ? ""
        : `, after ${restarts} restarts in a row`;
      return { kind: "failed", how: how + again };
    }
    const delayMs = Math.min(
      limits.maxDelayMs,
      limits.minDelayMs * 2 ** restarts++,
    );
    log.warn("Worker {index} {how}; starting it again in {seconds} s", {
      index,
      how,
      seconds: (delayMs / 1000).toFixed(1),
    });
    try {
      await clock.sleep(delayMs, stopping);
      process = await startAgain();
    } catch (error) {
      if (stopping.aborted) return { kind: "stopped", how };
      return { kind: "failed", how: `${how}: ${(error as Error).message}` };
    }
  }
}

/** Its own words decide where it has any; a signal (out of memory, a crash) may not strike twice. */
function mayPass({ code, signal }: ProcessEnd): boolean {
  return signal !== null || code === EXIT.tryAgain || code === EXIT.stopped;
}

function describeEnd({ code, signal, lastLine }: ProcessEnd): string {
  if (code === EXIT.done) return "ended well";
  const how = signal === null
    ? `ended with exit code ${code}`
    : `was killed by ${signal}`;
  return lastLine === "" ? how : `${how}: ${lastLine}`;
}

/** Waits for the end; once asked to stop, sends SIGTERM, and SIGKILL after the grace time. */
async function endOrStop(
  process: WorkerProcess,
  stopping: AbortSignal,
  graceMs: number,
  clock: Clock,
): Promise<ProcessEnd> {
  const hasEnded = new AbortController();
  const stop = async () => {
    process.kill("SIGTERM");
    try {
      await clock.sleep(graceMs, hasEnded.signal);
      process.kill("SIGKILL");
    } catch (error) {
      if (!hasEnded.signal.aborted) throw error;
    }
  };
  const onStopping = () => void stop();
  if (stopping.aborted) onStopping();
  stopping.addEventListener("abort", onStopping, { once: true });
  try {
    return await process.ended;
  } finally {
    hasEnded.abort();
    stopping.removeEventListener("abort", onStopping);
  }
}
