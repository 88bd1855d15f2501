/**
 * Kills workers of a run, and the server behind it, at random until every case is done all the same.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { Random } from "../../../shared/imaging/phantom/random.ts";
import { retryFailed } from "../../../shared/runs/retry.ts";
import { readRunState } from "../../../shared/runs/run_state.ts";
import { type CheckerCounts, startChecker } from "./checker.ts";
import type { History } from "./history.ts";
import type { Scene } from "./scene.ts";
import { startWorker, type WorkerEnd } from "./worker_process.ts";

/** A server that can be killed. */
export interface Gateway {
  killGateway(): Promise<void>;
  startGateway(): Promise<void>;
}

/** Counted over several runs. */
export interface Tally {
  workerStarts: number;
  workerKills: number;
  gatewayKills: number;
  runs: number;
  commits: number;
  failures: number;
  retryRounds: number;
  attempts: number;
  claims: number;
  checkerPasses: number;
  objectsChecked: number;
}

export interface KillLoopOptions {
  readonly history: History;
  readonly random: Random;
  readonly gateway: Gateway;
  readonly workers: number;
  readonly tally: Tally;
  /** Whether there has been enough killing: the run then ends in peace. */
  isEnough(): boolean;
}

/** A worker is killed so late after it began to work. */
const MOST_WORK_MS = 1500;
/** Or, one of four, so late after its process started. */
const MOST_START_MS = 3000;
/** Some reach their end. */
const KILLED = 0.9;
const GATEWAY_PAUSE_MS = [2000, 12_000] as const;
const GATEWAY_DOWN_MS = 2000;
/** A worker that takes longer waits for something that will never come. */
const MOST_LIFE_MS = 180_000;

export function newTally(): Tally {
  return {
    workerStarts: 0,
    workerKills: 0,
    gatewayKills: 0,
    runs: 0,
    commits: 0,
    failures: 0,
    retryRounds: 0,
    attempts: 0,
    claims: 0,
    checkerPasses: 0,
    objectsChecked: 0,
  };
}

/**
 * Disturbs one run until all its cases have results.
 *
 * @throws {Violation}
 */
export async function killLoop(
  scene: Scene,
  options: KillLoopOptions,
): Promise<void> {
  const { history, random, workers, tally } = options;
  const checker = startChecker(scene, {
    history,
    isExpected: ({ kind }) => kind === "workerDied",
  });
  const over = new AbortController();
  try {
    const killing = killGateways(options, over.signal);
    const slots = Array.from({ length: workers }, async (_, n) => {
      const own = new Random(random.integer(0, 0x7fffffff), 0);
      while (!over.signal.aborted) {
        checker.throwIfViolated();
        const end = await liveOnce(scene, options, own, `worker ${n}`);
        if (end.code === 0 && await isAllDone(scene, options)) over.abort();
      }
    });
    try {
      await Promise.all(slots);
    } finally {
      over.abort();
      await Promise.allSettled(slots);
      await killing;
    }
    const last = startWorker(scene, { history, name: "the last worker" });
    tally.workerStarts++;
    requireGoodEnd(history, last.name, await last.ended);
    count(tally, await checker.finish());
  } finally {
    await checker.stop();
  }
}

async function liveOnce(
  scene: Scene,
  { history, tally, isEnough }: KillLoopOptions,
  random: Random,
  name: string,
): Promise<WorkerEnd> {
  const fromStart = random.chance(0.25);
  const killAfterMs = random.uniform(
    0,
    fromStart ? MOST_START_MS : MOST_WORK_MS,
  );
  const isKilled = random.chance(KILLED) && !isEnough();
  const worker = startWorker(scene, { history, name });
  tally.workerStarts++;
  const over = new AbortController();
  const quiet = { signal: over.signal };
  const watch = async () => {
    if (isKilled) {
      if (!fromStart) await worker.atWork;
      await delay(killAfterMs, undefined, quiet);
      if (worker.send("SIGKILL")) tally.workerKills++;
    }
    await delay(MOST_LIFE_MS, undefined, quiet);
    worker.send("SIGKILL");
    throw history.violation(`${name} does not end`);
  };
  const watching = watch().catch((error) => {
    if (!over.signal.aborted) throw error;
  });
  const end = await Promise.race([worker.ended, watching.then(() => never())]);
  over.abort();
  await watching;
  if (end.signal !== "SIGKILL") requireGoodEnd(history, name, end);
  return end;
}

function never(): Promise<never> {
  return new Promise(() => {});
}

function requireGoodEnd(history: History, name: string, end: WorkerEnd): void {
  if (end.code === 0 || end.code === 75) return;
  for (const line of end.log) history.add(`${name} said: ${line}`);
  throw history.violation(`${name} ends with ${end.code}`);
}

/** Opens the next round for cases that failed as their workers were killed. */
async function isAllDone(
  { place, store }: Scene,
  { history, tally }: KillLoopOptions,
): Promise<boolean> {
  const state = await readRunState(store);
  if (place.caseIds.every((caseId) => state.done.has(caseId))) return true;
  if (state.failed.size > 0) {
    await retryFailed(store, state, [...state.failed]);
    tally.retryRounds++;
    history.add(`retry ${[...state.failed].join(", ")}`);
  }
  return false;
}

async function killGateways(
  { history, random, gateway, tally, isEnough }: KillLoopOptions,
  signal: AbortSignal,
): Promise<void> {
  try {
    while (!signal.aborted) {
      await delay(random.uniform(...GATEWAY_PAUSE_MS), undefined, { signal });
      if (isEnough()) continue;
      history.add("the gateway is killed");
      await gateway.killGateway();
      tally.gatewayKills++;
      await delay(random.uniform(0, GATEWAY_DOWN_MS));
      await gateway.startGateway();
      history.add("the gateway is back");
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function count(tally: Tally, counts: CheckerCounts): void {
  tally.runs++;
  tally.commits += counts.results;
  tally.failures += counts.failures;
  tally.attempts += counts.attempts;
  tally.claims += counts.claims;
  tally.checkerPasses += counts.passes;
  tally.objectsChecked += counts.objectsRead;
}
