/**
 * Workers as processes of this machine.
 *
 * Supervised (the default): while this process lives, a worker that is to be tried again or was killed
 * is started again; one that finds its configuration wrong stops those on the same run. Detached: workers go on after
 * this process has exited, and nobody starts them again; the next worker on the run, started by
 * anybody, takes over what they held.
 * @module
 */
import { join } from "node:path";
import { type Clock, systemClock, untilAborted } from "../clock.ts";
import {
  checkOrder,
  type Dispatched,
  type Dispatcher,
  type Ended,
  workArguments,
  type WorkOrder,
} from "../dispatcher.ts";
import {
  RESTART_LIMITS,
  type RestartLimits,
  supervise,
  type WorkerEnd,
} from "./supervise.ts";
import {
  startProcess,
  type WorkerOutput,
  type WorkerProcess,
} from "./worker_process.ts";

/** The longest time between two windows on a slow machine. */
const GRACE_MS = 30_000;

export interface LocalOptions {
  /** The program and its first arguments; `work --run ...` is added. */
  readonly command: readonly string[];
  /** @default {the working folder} */
  readonly cwd?: string;
  /** Added to what workers take over of this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly output:
    /** Told of every line of stdout and stderr, and of the worker's number. */
    | { onLine(index: number, line: string): void }
    /** Lines are added to `worker-<index>.log` in the folder, which is made if need be. */
    | { readonly logFolder: string; readonly detached: boolean };
  /** How long a worker may take between SIGTERM and SIGKILL. @default {30 s} */
  readonly graceMs?: number;
  readonly limits?: RestartLimits;
  readonly clock?: Clock;
}

export function createLocalDispatcher(options: LocalOptions): Dispatcher {
  return {
    name: "local",
    start: (order, signal) => startWorkers(options, order, signal),
  };
}

async function startWorkers(
  options: LocalOptions,
  order: WorkOrder,
  signal: AbortSignal,
): Promise<Dispatched> {
  checkOrder(order);
  signal.throwIfAborted();
  const { output, limits = RESTART_LIMITS } = options;
  const detached = "detached" in output && output.detached;
  if ("logFolder" in output) {
    await Deno.mkdir(output.logFolder, { recursive: true });
  }
  const startAt = (index: number) =>
    startProcess({
      command: [...options.command, ...workArguments(order)],
      cwd: options.cwd,
      env: {
        ...options.env,
        UPTAKE_WORKER_INDEX: String(index),
        UPTAKE_WORKER_COUNT: String(order.workers),
      },
      output: outputOf(output, index),
    });

  const processes: WorkerProcess[] = [];
  try {
    for (let index = 0; index < order.workers; index++) {
      processes.push(await startAt(index));
      signal.throwIfAborted();
    }
  } catch (error) {
    for (const process of processes) process.kill("SIGKILL");
    throw error;
  }

  const stopping = new AbortController();
  const ends = processes.map(async (process, index): Promise<WorkerEnd> => {
    const end = await supervise({
      index,
      process,
      startAgain: () => startAt(index),
      limits: detached ? { ...limits, inARow: 0 } : limits,
      stopping: stopping.signal,
      graceMs: options.graceMs ?? GRACE_MS,
      clock: options.clock ?? systemClock,
    });
    // Others on the same run would find the same; on a run of their own they may do well.
    if (end.kind === "configuration" && order.runs.length === 1) {
      stopping.abort();
    }
    return end;
  });
  // Nobody may be waiting yet; whoever does is told.
  const all = Promise.all(ends);
  all.catch(() => {});
  if (detached) processes.forEach((process) => process.unref());

  const pids = processes.map(({ pid }) => pid).join(", ");
  const workers = order.workers === 1
    ? "1 local worker"
    : `${order.workers} local workers`;
  return {
    id: pids,
    description: `${workers} (pid ${pids})`,
    ended: async (signal) => {
      processes.forEach((process) => process.ref());
      return summarise(await untilAborted(all, signal));
    },
    stop: async () => {
      processes.forEach((process) => process.ref());
      stopping.abort();
      await all;
    },
  };
}

function outputOf(
  output: LocalOptions["output"],
  index: number,
): WorkerOutput {
  return "logFolder" in output
    ? { logFile: join(output.logFolder, `worker-${index}.log`) }
    : { onLine: (line) => output.onLine(index, line) };
}

/** The most telling end: a wrong configuration may have stopped the others, a failure did not. */
function summarise(ends: readonly WorkerEnd[]): Ended {
  const done = ends.filter(({ kind }) => kind === "done").length;
  if (done === ends.length) {
    return { ok: true, detail: `all ${done} workers ended well` };
  }
  for (const kind of ["configuration", "failed", "stopped"] as const) {
    const index = ends.findIndex((end) => end.kind === kind);
    if (index === -1) continue;
    return {
      ok: false,
      detail: `${done} of ${ends.length} workers ended well; worker ${index} ${
        ends[index]!.how
      }`,
    };
  }
  throw new Error("Cannot summarise the workers: their ends are of no kind");
}
