/**
 * @module Several workers over one store, in random order: requests overtake each other, workers die, are
 * suspended for minutes and wake up, cases fail and are left.
 */
import fc from "fast-check";
import { expect } from "@std/expect";
import { setImmediate } from "node:timers/promises";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { runSource } from "../../../jobs/batch/run_source.ts";
import { workCases } from "../../../jobs/segmentation/work_cases.ts";
import { CaseError } from "../../../shared/case_error.ts";
import { renewClaim } from "../../../shared/runs/claims.ts";
import { claimKey, failureKey, resultKey } from "../../../shared/runs/keys.ts";
import { readRecord } from "../../../shared/runs/record_io.ts";
import { type Claim, failureSchema } from "../../../shared/runs/records.ts";
import { fakeCompute } from "../../support/fake_compute.ts";
import { memoryStore, stepped } from "../../support/memory_store.ts";
import { caseOf, runOf } from "../../support/runs.ts";

const TERM_MS = 60_000;
const CASES = ["a", "b", "c", "d", "e", "f"];
const MOST_DEATHS = 8;
/** Far more than any run takes: one that has not ended by then hangs. */
const MOST_STEPS = 50_000;

interface ModelWorker {
  readonly id: string;
  readonly held: () => readonly Claim[];
  readonly work: Promise<void>;
  /** Requests and parts of cases that wait for their turn. */
  readonly pending: (() => void)[];
  state: "running" | "suspended" | "dead" | "ended";
}

/** Runs until all cases are recorded; throws where two live workers have a case by right. */
async function simulate(seed: number): Promise<{
  readonly records: Readonly<Record<string, "done" | "failed">>;
  readonly deaths: number;
  readonly takeovers: number;
}> {
  const random = xoroshiro128plus(seed);
  const below = (n: number) => uniformInt(random, 0, n - 1);
  let nowMs = Date.UTC(2026, 0, 2);
  const store = memoryStore(() => nowMs);
  const scans = memoryStore();
  const cases = CASES.map((id) => caseOf(id));
  for (const id of CASES) await scans.put(`${id}.nii.gz`, new Uint8Array(1));
  const run = runOf({ cases });
  const lapsed = new Set<string>();
  const workers: ModelWorker[] = [];
  const problems: string[] = [];
  let deaths = 0;
  let takeovers = 0;
  let isCalm = false;

  function start(): void {
    const id = `w${workers.length}`;
    const pending: (() => void)[] = [];
    const turn = () =>
      new Promise<void>((resolve) => void pending.push(resolve));
    const own = stepped(store, turn);
    const source = runSource({
      run,
      store: own,
      order: cases,
      claims: { workerId: id, termSeconds: TERM_MS / 1000 },
      pollMs: 1,
      clock: { nowMs: () => nowMs, sleep: turn },
      progress: () => {},
      say: () => {},
    });
    const compute = fakeCompute(async (part, caseId) => {
      if (part === "drop") return;
      for (let n = below(4); n >= 0; n--) await turn();
      if (isCalm) return;
      if (below(20) === 0) throw new CaseError("voxels", `${caseId} is odd`);
      if (below(20) === 0) throw new CaseError("storage", "out of reach");
    });
    const worker: ModelWorker = {
      id,
      pending,
      held: source.held,
      state: "running",
      work: workCases(
        { run, store: own, compute, progress: () => {}, open: () => scans },
        {
          async next(signal) {
            const task = await source.next(signal);
            if (task !== null) await checkAlone(worker, task.item.caseId);
            return task;
          },
          ended: source.ended,
        },
        { signal: new AbortController().signal, say: () => {} },
      ).then(() => {
        worker.state = "ended";
      }),
    };
    worker.work.catch((error) => problems.push(`${id}: ${error}`));
    workers.push(worker);
  }

  /** Of two who live and have a case, one must have let its claim lapse. */
  async function checkAlone(worker: ModelWorker, caseId: string) {
    const claimOf = ({ held }: ModelWorker) =>
      held().find((claim) => claim.caseId === caseId);
    for (const other of workers) {
      const theirs = claimOf(other);
      if (other === worker || other.state === "dead" || !theirs) continue;
      takeovers++;
      if (!await hasLapsed(theirs) && !await hasLapsed(claimOf(worker)!)) {
        problems.push(`${worker.id} got ${caseId}, which ${other.id} holds`);
      }
    }
  }

  /** Whether its owner has let its term pass once, by the store's clock. */
  async function hasLapsed(claim: Claim): Promise<boolean> {
    const key = claimKey(claim.caseId, claim.generation);
    const { modifiedAt } = (await store.head(key))!;
    if (nowMs - modifiedAt.getTime() > TERM_MS) lapsed.add(key);
    return lapsed.has(key);
  }

  /** Renewals take no time here, but a suspended worker makes none. */
  async function beat(worker: ModelWorker): Promise<void> {
    for (const claim of worker.held()) {
      await hasLapsed(claim);
      await renewClaim(store, claim);
    }
  }

  async function step(): Promise<void> {
    const living = workers.filter(({ state }) =>
      state === "running" || state === "suspended"
    );
    const running = living.filter(({ state }) => state === "running");
    const chance = isCalm ? Infinity : below(1000);
    if (chance < 8 && deaths < MOST_DEATHS && running.length > 0) {
      running[below(running.length)]!.state = "dead";
      deaths++;
      start();
    } else if (chance < 20 && running.length > 1) {
      running[below(running.length)]!.state = "suspended";
    } else if (chance < 40 || running.length === 0) {
      for (const worker of living) {
        if (worker.state === "suspended") worker.state = "running";
      }
    }
    const ready = running.filter(({ pending }) => pending.length > 0);
    if (ready.length === 0) {
      // All of them wait for others: time passes.
      nowMs += below(15_000);
      for (const worker of running) await beat(worker);
    } else {
      const { pending } = ready[below(ready.length)]!;
      const [go] = pending.splice(below(pending.length), 1);
      go!();
      if (below(3) === 0) {
        nowMs += below(10_000);
        for (const worker of running) await beat(worker);
      }
    }
    await setImmediate();
  }

  for (let n = 0; n < 3; n++) start();
  let steps = 0;
  async function untilEnded(): Promise<void> {
    while (workers.some(({ state }) => state !== "dead" && state !== "ended")) {
      if (problems.length > 0) throw new Error(problems.join("\n"));
      if (steps++ > MOST_STEPS) throw new Error("It never ended");
      await step();
    }
  }
  await untilEnded();
  // What they left, another try does.
  isCalm = true;
  start();
  await untilEnded();
  if (problems.length > 0) throw new Error(problems.join("\n"));

  const records: Record<string, "done" | "failed"> = {};
  for (const id of CASES) {
    const isDone = await store.head(resultKey(id)) !== null;
    const key = failureKey(id, 0);
    const failure = await readRecord(store, key, failureSchema);
    if (isDone) records[id] = "done";
    else if (failure !== null) records[id] = "failed";
    if (failure === null) continue;
    // Nobody is given up on sooner; and whoever fails what another has done, had lost it to that one.
    const generations = failure.kind === "workerDied" ? 3 : isDone ? 2 : 1;
    expect(await store.head(claimKey(id, generations))).not.toBeNull();
  }
  return { records, deaths, takeovers };
}

Deno.test("runSource() gets every case recorded, and none into two living hands, whatever happens in whatever order", async () => {
  let deaths = 0;
  let takeovers = 0;
  await fc.assert(
    fc.asyncProperty(fc.noShrink(fc.integer()), async (seed) => {
      const end = await simulate(seed);
      expect(Object.keys(end.records).sort()).toEqual(CASES);
      deaths += end.deaths;
      takeovers += end.takeovers;
    }),
    { numRuns: 150 },
  );
  // Or the test would show nothing.
  expect(deaths).toBeGreaterThan(100);
  expect(takeovers).toBeGreaterThan(10);
});
