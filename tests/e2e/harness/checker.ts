/**
 * Reads a run's folder over and over while others disturb its workers, and finds what must never happen there.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { type Failure, runSchema } from "../../../shared/runs/records.ts";
import { readRunState, type RunState } from "../../../shared/runs/run_state.ts";
import { summaryOf } from "./checked_records.ts";
import { checkObject, isFinal, type Known } from "./check_object.ts";
import type { History } from "./history.ts";
import type { Scene } from "./scene.ts";

/** Between two readings of the folder: the store has others to serve, too. */
const PAUSE_MS = 30;

export interface CheckerOptions {
  readonly history: History;
  /** Failures that the disturbance explains. */
  readonly isExpected: (failure: Failure) => boolean;
}

export interface CheckerCounts {
  /** Readings of the whole folder. */
  readonly passes: number;
  readonly objectsRead: number;
  readonly results: number;
  readonly failures: number;
  /** Of all workers, committed or not. */
  readonly attempts: number;
  /** Cases that were taken over, by how often. */
  readonly claims: number;
}

export interface Checker {
  /** Waits until everything that is there now was read. */
  nextPass(): Promise<void>;
  /** @throws {Violation} what was found so far. */
  throwIfViolated(): void;
  /**
   * Reads everything once more, now that nobody works any more.
   *
   * @throws {Violation}
   */
  finish(): Promise<CheckerCounts>;
  /** Ends without a verdict. */
  stop(): Promise<void>;
}

/** Starts to read, and does not stop before it is told to. */
export function startChecker(scene: Scene, options: CheckerOptions): Checker {
  const { store, run, place } = scene;
  const { history } = options;
  const known: Known = {
    scene,
    ...options,
    versions: new Map(),
    bodies: new Map(),
    results: new Map(),
    failures: new Map(),
    claimOwners: new Map(),
  };
  let passes = 0;
  let objectsRead = 0;
  let violation: unknown = null;
  let isStopped = false;
  let waitingForPass = Promise.withResolvers<void>();

  /** @param again read also what has not changed by what the listing tells */
  async function readAll(again: boolean): Promise<void> {
    const found = new Set<string>();
    for await (const info of store.list("")) {
      const { key, bytes, modifiedAt, etag } = info;
      found.add(key);
      const version = etag ?? `${bytes} ${modifiedAt.toISOString()}`;
      if (!again && known.versions.get(key) === version) continue;
      objectsRead++;
      await checkObject(known, key);
      known.versions.set(key, version);
    }
    for (const key of known.versions.keys()) {
      if (found.has(key)) continue;
      if (isFinal(key)) throw history.violation(`${key} was there and is gone`);
      known.versions.delete(key);
    }
    passes++;
  }

  async function keepReading(): Promise<void> {
    while (!isStopped) {
      const waiting = waitingForPass;
      waitingForPass = Promise.withResolvers();
      try {
        await readAll(false);
      } finally {
        waiting.resolve();
      }
      await delay(PAUSE_MS);
    }
  }

  async function checkEnd(): Promise<void> {
    await readAll(true);
    const state = await readRunState(store);
    for (const caseId of place.caseIds) checkCase(known, state, caseId);
    const summary = await summaryOf(store, history);
    const { done, failed } = state;
    const told = summary?.coverage;
    if (
      told?.done !== done.size || told.failed !== failed.size ||
      told.missing !== 0
    ) {
      throw history.violation(
        `${done.size} cases are done and ${failed.size} failed, the summary tells ${
          JSON.stringify(told)
        }`,
      );
    }
    const plan = await store.get("run.json");
    const text = new TextDecoder().decode(plan?.body);
    if (runSchema.parse(JSON.parse(text)).runId !== run.runId) {
      throw history.violation("run.json is another run's");
    }
  }

  const reading = keepReading().catch((error) => {
    violation = error;
    waitingForPass.resolve();
  });
  const throwIfViolated = () => {
    if (violation !== null) throw violation;
  };
  const stop = async () => {
    isStopped = true;
    await reading;
  };
  return {
    throwIfViolated,
    stop,
    nextPass: () => waitingForPass.promise,
    async finish() {
      await stop();
      throwIfViolated();
      await checkEnd();
      const keys = [...known.versions.keys()];
      const attempts = keys.filter((key) => key.startsWith("attempts/"))
        .map((key) => key.slice(0, key.lastIndexOf("/")));
      return {
        passes,
        objectsRead,
        results: known.results.size,
        failures: known.failures.size,
        attempts: new Set(attempts).size,
        claims: known.claimOwners.size,
      };
    },
  };
}

function checkCase(
  { results, versions, history }: Known,
  { done, failed }: RunState,
  caseId: string,
): void {
  if (!done.has(caseId) && !failed.has(caseId)) {
    throw history.violation(`"${caseId}" is lost: no result, no failure`);
  }
  if (!done.has(caseId)) return;
  if (!results.has(caseId)) {
    throw history.violation(`The result of "${caseId}" was never read`);
  }
  if (!versions.has(`masks/${caseId}.nii.gz`)) {
    throw history.violation(`The mask of "${caseId}" was never published`);
  }
}
