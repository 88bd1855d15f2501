import { expect } from "@std/expect";
import {
  runSource,
  type RunSourceOptions,
} from "../../../jobs/batch/run_source.ts";
import type { CaseEnd, Task } from "../../../jobs/segmentation/work_case.ts";
import type { FailureKind, Stage } from "../../../shared/case_error.ts";
import type { Case } from "../../../shared/datasets/dataset.ts";
import { readCancel, withdrawCancel } from "../../../shared/runs/cancel.ts";
import { claimCase, releaseClaim } from "../../../shared/runs/claims.ts";
import { commitFailure, commitResult } from "../../../shared/runs/commit.ts";
import {
  CANCEL_KEY,
  claimKey,
  failureKey,
  retryKey,
} from "../../../shared/runs/keys.ts";
import { createRecord, readRecord } from "../../../shared/runs/record_io.ts";
import { type Failure, failureSchema } from "../../../shared/runs/records.ts";
import { workOrder } from "../../../shared/runs/work_order.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { settled } from "../../support/fake_compute.ts";
import { memoryStore, stepped } from "../../support/memory_store.ts";
import { caseOf, resultOf, runOf } from "../../support/runs.ts";

const NEVER = new AbortController().signal;
const TERM_SECONDS = 60;

/** A run over cases a, b, c, d in a store whose clock a test moves, and workers on it. */
function fleet(ids: readonly string[] = ["a", "b", "c", "d"]) {
  let nowMs = Date.UTC(2026, 0, 2);
  const store = memoryStore(() => nowMs);
  const order = ids.map((id) => caseOf(id));
  const run = runOf({ cases: order });
  const said: string[] = [];

  function worker(
    workerId: string,
    change: Partial<RunSourceOptions> = {},
  ) {
    const source = runSource({
      run,
      store,
      order,
      claims: { workerId, termSeconds: TERM_SECONDS },
      pollMs: 1,
      progress: () => {},
      say: (line) => said.push(line),
      ...change,
    });
    return {
      ...source,
      async take(): Promise<Task> {
        const task = await source.next(NEVER);
        if (task === null) throw new Error("It got no case");
        return task;
      },
      async takeId(): Promise<string | null> {
        return (await source.next(NEVER))?.item.caseId ?? null;
      },
      async finish(task: Task): Promise<void> {
        await source.ended(task, await done(store, task));
      },
      async fail(
        task: Task,
        kind: FailureKind,
        stage: Stage = "segment",
      ): Promise<void> {
        await source.ended(task, await failed(store, task, kind, stage));
      },
    };
  }
  return {
    store,
    order,
    said,
    worker,
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** Does the canary, so that the rest is free. */
    async passCanary() {
      const first = worker("canary");
      await first.finish(await first.take());
    },
  };
}

async function done(store: ObjectStore, { item }: Task): Promise<CaseEnd> {
  const result = await commitResult(store, resultOf(item.caseId, "t"));
  return { status: "done", result };
}

async function failed(
  store: ObjectStore,
  { item: { caseId }, round }: Task,
  kind: FailureKind,
  stage: Stage = "segment",
): Promise<CaseEnd> {
  const failure: Failure = {
    format: 1,
    runId: "r",
    caseId,
    round,
    attempt: "t",
    codeVersion: "0",
    failedAt: "2026-01-02T03:04:05.000Z",
    kind,
    stage,
    message: `Cannot segment case "${caseId}": it is odd`,
  };
  return {
    status: "failed",
    failure: await commitFailure(store, failure),
  };
}

/** Whether a promise is still pending after everything else has gone on. */
async function isWaiting(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const over = () => {
    pending = false;
  };
  promise.then(over, over);
  await settled();
  return pending;
}

Deno.test("runSource() hands out the canary first and alone, and the others when it is recorded", async () => {
  const { worker } = fleet();
  const [one, two] = [worker("1"), worker("2")];
  const canary = await one.take();
  expect(canary.item.caseId).toBe("a");
  const next = one.takeId();
  const other = two.takeId();
  expect(await isWaiting(Promise.race([next, other]))).toBe(true);
  await one.finish(canary);
  expect([await next, await other].sort()).toEqual(["b", "c"]);
});

Deno.test("runSource() hands out the canary anew when its worker died", async () => {
  const { worker, pass } = fleet();
  await worker("1").take();
  const second = worker("2").take();
  expect(await isWaiting(second)).toBe(true);
  pass(61_000);
  expect((await second).item.caseId).toBe("a");
});

for (
  const kind of ["model", "engine", "outOfMemory", "configuration"] as const
) {
  Deno.test(`runSource() cancels the run when its canary fails with ${kind}`, async () => {
    const { worker, store, said } = fleet();
    const one = worker("1");
    const canary = await one.take();
    const other = worker("2").takeId();
    await one.fail(canary, kind);
    expect(await one.takeId()).toBeNull();
    expect(await other).toBeNull();
    const reason =
      'The first case failed as every other would (Cannot segment case "a": it is odd)';
    expect((await readCancel(store))!.reason).toBe(reason);
    expect(one.stopReason()).toBe(reason);
    expect(said).toContain(`${reason}: the run is cancelled`);
    expect(await store.head(claimKey("b", 1))).toBeNull();
  });
}

Deno.test("runSource() cancels also where whoever had the canary died before it could", async () => {
  const { worker, store } = fleet();
  await failed(store, await worker("1").take(), "engine");
  expect(await store.head(CANCEL_KEY)).toBeNull();
  expect(await worker("2").takeId()).toBeNull();
  expect(await store.head(CANCEL_KEY)).not.toBeNull();
});

for (const kind of ["unreadable", "geometry", "workerDied"] as const) {
  Deno.test(`runSource() goes on when the canary fails with ${kind}`, async () => {
    const { worker, store } = fleet();
    const one = worker("1");
    await one.fail(await one.take(), kind);
    expect(await one.takeId()).toBe("b");
    expect(one.stopReason()).toBeNull();
    expect(await store.head(CANCEL_KEY)).toBeNull();
  });
}

for (const stage of ["read", "preprocess"] as const) {
  Deno.test(`runSource() makes the next case the canary when one is lost in stage ${stage}, before the network saw it`, async () => {
    const { worker, store } = fleet();
    const [one, two] = [worker("1"), worker("2")];
    await one.fail(await one.take(), "unreadable", stage);
    const canary = await one.take();
    expect(canary.item.caseId).toBe("b");
    const other = two.takeId();
    expect(await isWaiting(other)).toBe(true);
    await one.fail(canary, "engine");
    expect(await other).toBeNull();
    expect(await readCancel(store)).not.toBeNull();
  });
}

Deno.test("runSource() ends where no case comes as far as the network", async () => {
  const { worker } = fleet(["a", "b"]);
  const one = worker("1");
  await one.fail(await one.take(), "unreadable", "read");
  await one.fail(await one.take(), "geometry", "read");
  expect(await one.takeId()).toBeNull();
  expect(one.stopReason()).toBeNull();
});

Deno.test("runSource() goes on when the canary is done, though another attempt at it failed", async () => {
  const { worker, store } = fleet();
  const one = worker("1");
  const canary = await one.take();
  await done(store, canary);
  await failed(store, canary, "outOfMemory");
  expect(await worker("2").takeId()).toBe("b");
});

Deno.test("runSource() holds a canary that fails in a later round against the run, too", async () => {
  const { worker, store } = fleet(["a", "b"]);
  const one = worker("1");
  await one.fail(await one.take(), "unreadable");
  const b = await one.take();
  await createRecord(store, retryKey(1), {
    createdAt: "2026-01-02T03:04:05.000Z",
    cases: ["a"],
  });
  const again = one.next(NEVER);
  await settled();
  await one.ended(b, null);
  const canary = (await again)!;
  expect(canary).toMatchObject({ item: { caseId: "a" }, round: 1 });
  await one.fail(canary, "engine");
  // The other case is left by this worker, and free for the next one: which must not get it.
  expect(await one.takeId()).toBeNull();
  expect(await worker("2").takeId()).toBeNull();
  expect(await readCancel(store)).not.toBeNull();
});

Deno.test("runSource() hands out the largest case first", async () => {
  const sizes: Record<string, Partial<Case>> = {
    small: { bytes: 9, windows: 1 },
    large: { bytes: 1, windows: 8 },
    unplanned: {},
    middle: { windows: 4 },
    "middle too": { windows: 4 },
  };
  const order = workOrder(
    Object.entries(sizes).map(([id, size]) => ({ ...caseOf(id), ...size })),
  );
  const { worker } = fleet();
  const one = worker("1", { order });
  const got: (string | null)[] = [];
  for (let n = 0; n < 5; n++) {
    const task = await one.take();
    got.push(task.item.caseId);
    await one.finish(task);
  }
  expect(got).toEqual(["large", "middle", "middle too", "small", "unplanned"]);
  expect(await one.takeId()).toBeNull();
});

Deno.test("runSource() passes over what another worker holds, and takes it over when that has died", async () => {
  const { worker, pass, passCanary, store } = fleet(["a", "b", "c"]);
  await passCanary();
  expect(await worker("1").takeId()).toBe("b");
  const two = worker("2");
  const c = await two.take();
  expect(c.item.caseId).toBe("c");
  await two.finish(c);
  const last = two.takeId();
  expect(await isWaiting(last)).toBe(true);
  pass(61_000);
  expect(await last).toBe("b");
  expect(await store.head(claimKey("b", 2))).not.toBeNull();
});

Deno.test("runSource() finds after a wait what was released meanwhile", async () => {
  const { worker, passCanary, store } = fleet(["a", "b"]);
  await passCanary();
  const claim = await claimCase(
    store,
    { runId: "r", workerId: "1", termSeconds: TERM_SECONDS },
    "b",
    0,
    0,
  );
  const two = worker("2").takeId();
  expect(await isWaiting(two)).toBe(true);
  if (typeof claim === "string") throw new Error(claim);
  await releaseClaim(store, claim);
  expect(await two).toBe("b");
});

Deno.test("runSource() ends when others have recorded the rest", async () => {
  const { worker, passCanary } = fleet(["a", "b"]);
  await passCanary();
  const one = worker("1");
  const b = await one.take();
  const two = worker("2").takeId();
  expect(await isWaiting(two)).toBe(true);
  await one.finish(b);
  expect(await two).toBeNull();
});

Deno.test("runSource() does not do again a case that was recorded after it last looked", async () => {
  const { worker, passCanary, pass, store } = fleet(["a", "b", "c"]);
  await passCanary();
  const one = worker("1");
  const b = await one.take();
  const two = worker("2");
  const c = await two.take();
  // Its owner commits and renews no more; what the second knows is older.
  await one.finish(b);
  pass(61_000);
  await two.finish(c);
  expect(await two.takeId()).toBeNull();
  expect(await store.head(claimKey("b", 2))).toBeNull();
});

Deno.test("runSource() does not try again what it left, but another worker does at once", async () => {
  const { worker, passCanary } = fleet(["a", "b"]);
  await passCanary();
  const one = worker("1");
  await one.ended(await one.take(), null);
  expect(await one.takeId()).toBeNull();
  expect([...one.left]).toEqual(["b"]);
  expect(one.held()).toEqual([]);
  expect(await worker("2").takeId()).toBe("b");
});

Deno.test("runSource() hands out nothing to a worker that left the canary, but to others", async () => {
  const { worker } = fleet(["a", "b"]);
  const one = worker("1");
  await one.ended(await one.take(), null);
  expect(await one.takeId()).toBeNull();
  const two = worker("2");
  const canary = await two.take();
  expect(canary.item.caseId).toBe("a");
});

Deno.test("runSource() gives up a case that three workers died with, and records it once", async () => {
  const { worker, passCanary, pass, store } = fleet(["a", "b"]);
  await passCanary();
  for (const id of ["1", "2", "3"]) {
    expect(await worker(id).takeId()).toBe("b");
    pass(61_000);
  }
  expect(await Promise.all([worker("4").takeId(), worker("5").takeId()]))
    .toEqual([null, null]);
  expect(await readRecord(store, failureKey("b", 0), failureSchema))
    .toMatchObject({
      kind: "workerDied",
      message:
        'Cannot segment case "b": 3 workers died or lost touch while they had it',
    });
});

Deno.test("runSource() does failed cases again in the round that was opened for them", async () => {
  const { worker, store } = fleet(["a", "b", "c"]);
  const one = worker("1");
  for (const kind of ["voxels", "voxels", null] as const) {
    const task = await one.take();
    if (kind === null) await one.finish(task);
    else await one.fail(task, kind);
  }
  expect(await one.takeId()).toBeNull();
  await createRecord(store, retryKey(1), {
    createdAt: "2026-01-02T03:04:05.000Z",
    cases: ["b"],
  });
  await withdrawCancel(store);
  const two = worker("2");
  const b = await two.take();
  expect(b).toMatchObject({ item: { caseId: "b" }, round: 1 });
  expect(two.held()[0]).toMatchObject({ generation: 2, round: 1 });
  await two.finish(b);
  expect(await two.takeId()).toBeNull();
});

Deno.test("runSource() ends a wait at once when aborted, with the reason", async () => {
  const { worker, passCanary } = fleet(["a", "b"]);
  await passCanary();
  await worker("1").take();
  const controller = new AbortController();
  const two = worker("2", { pollMs: 3_600_000 });
  const waiting = two.next(controller.signal);
  expect(await isWaiting(waiting)).toBe(true);
  const reason = new Error("asked to stop");
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});

Deno.test("runSource() without claims hands out its cases without any, and waits for its own canary", async () => {
  const { worker, store } = fleet(["a", "b"]);
  const one = worker("1", { claims: null, pollMs: 3_600_000 });
  const canary = await one.take();
  const next = one.takeId();
  expect(await isWaiting(next)).toBe(true);
  await one.finish(canary);
  expect(await next).toBe("b");
  expect(one.held()).toEqual([]);
  await one.release();
  expect(await Array.fromAsync(store.list("claims/"))).toEqual([]);
});

Deno.test("runSource().release() frees what is held, and says what it cannot", async () => {
  const { worker, passCanary, store, said } = fleet(["a", "b", "c"]);
  await passCanary();
  const broken = stepped(
    store,
    (what, key) =>
      what === "put" && key.startsWith("claims/b/")
        ? Promise.reject(new Error("out of reach"))
        : Promise.resolve(),
  );
  const one = worker("1", { store: broken });
  await one.take();
  await one.take();
  expect(one.held().map(({ caseId }) => caseId)).toEqual(["b", "c"]);
  await one.release();
  expect(one.held()).toEqual([]);
  expect(said.at(-1)).toBe(
    'Case "b" stays claimed until its term ends: out of reach',
  );
  expect(await worker("2").takeId()).toBe("c");
});

Deno.test("runSource() is not stopped by foreign and damaged files", async () => {
  const { worker, passCanary, store, pass } = fleet(["a", "b", "c"]);
  await passCanary();
  for (
    const key of [
      claimKey("b", 1),
      "claims/notes.txt",
      "claims/c/.DS_Store",
      "workers/x.json",
      "results/.DS_Store",
      "failures/notes.txt",
    ]
  ) await store.put(key, new TextEncoder().encode("{"));
  const one = worker("1");
  const c = await one.take();
  expect(c.item.caseId).toBe("c");
  await one.finish(c);
  const b = one.takeId();
  expect(await isWaiting(b)).toBe(true);
  pass(61_000);
  expect(await b).toBe("b");
});

Deno.test("runSource() of no case at all is over at once", async () => {
  const { worker } = fleet([]);
  expect(await worker("1").takeId()).toBeNull();
});
