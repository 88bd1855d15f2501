/**
 * The one interface through which workers are started, wherever they run.
 * @module
 */

export const DISPATCHER_NAMES = ["local", "kubernetes", "aws-batch"] as const;
export type DispatcherName = typeof DISPATCHER_NAMES[number];

/** What is to be worked on, and by how many. */
export interface WorkOrder {
  /** Locations of frozen runs. All workers share one run; of several, worker i works on run i. */
  readonly runs: readonly string[];
  readonly workers: number;
  /** Each worker keeps to its static shard, as the store cannot create conditionally. */
  readonly sharded: boolean;
  /**
   * Makes an order another one that is otherwise the same, so that it gets workers of its own where
   * those of the earlier one are about to leave.
   */
  readonly again?: string;
}

export interface Dispatcher {
  readonly name: DispatcherName;
  /**
   * Starts the workers. Asked twice for the same order it starts them once, where the scheduler
   * outlives this process (Kubernetes, AWS Batch).
   *
   * @throws {RangeError} when the order contradicts itself or is larger than the scheduler takes.
   */
  start(order: WorkOrder, signal: AbortSignal): Promise<Dispatched>;
}

/** Workers that were started. */
export interface Dispatched {
  /** By which the scheduler knows them. */
  readonly id: string;
  /** What was started, as the object of a sentence: `2 local workers (pid 12, 13)`. */
  readonly description: string;
  /**
   * Waits until no worker works any more. `ok`: every worker ended well; whether every case is done
   * stands in the run's records only.
   */
  ended(signal: AbortSignal): Promise<Ended>;
  /** Asks the workers to stop, and does not mind if they have ended already. */
  stop(): Promise<void>;
}

export interface Ended {
  readonly ok: boolean;
  /** One sentence without a full stop. */
  readonly detail: string;
}

/**
 * @throws {RangeError} when no run is named, the workers are no whole number above 0, or several runs
 *   are not given to one worker each.
 */
export function checkOrder({ runs, workers, sharded }: WorkOrder): void {
  const refuse = (why: string) =>
    new RangeError(
      `Cannot dispatch ${runs.length} runs to ${workers} workers: ${why}`,
    );
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw refuse("the number of workers must be a whole number above 0");
  }
  if (runs.length === 0) throw refuse("no run is named");
  if (runs.some((run) => run === "" || run.startsWith("-"))) {
    throw refuse("a location that is empty or starts with - is none");
  }
  if (new Set(runs).size < runs.length) throw refuse("a run is named twice");
  if (runs.length > 1 && runs.length !== workers) {
    throw refuse("several runs take one worker each");
  }
  if (runs.length > 1 && sharded) {
    throw refuse("several runs are not sharded, each has one worker");
  }
}

/** What follows the program's name on a worker's command line. */
export function workArguments({ runs, sharded }: WorkOrder): string[] {
  return ["work", "--run", ...runs, ...(sharded ? ["--shard", "auto"] : [])];
}
