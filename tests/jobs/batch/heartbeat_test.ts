import { expect } from "@std/expect";
import { heartbeat } from "../../../jobs/batch/heartbeat.ts";
import {
  type CancelRequest,
  requestCancel,
} from "../../../shared/runs/cancel.ts";
import { claimCase, releaseClaim } from "../../../shared/runs/claims.ts";
import { CANCEL_KEY, claimKey, workerKey } from "../../../shared/runs/keys.ts";
import { readRecord } from "../../../shared/runs/record_io.ts";
import {
  type Claim,
  claimSchema,
  type WorkerRecord,
  workerRecordSchema,
} from "../../../shared/runs/records.ts";
import { fakeClock } from "../../support/fake_clock.ts";
import { memoryStore, type Step, stepped } from "../../support/memory_store.ts";
import { workerRecordOf } from "../../support/runs.ts";

/** Beats `beats` times, five seconds apart, beside what `onBeat` does after each. */
function beat(beats: number, { onBeat, step }: {
  onBeat?: (n: number) => void;
  step?: Step;
} = {}) {
  const controller = new AbortController();
  let nowMs = Date.UTC(2026, 0, 2);
  const plain = memoryStore(() => nowMs);
  const cancels: CancelRequest[] = [];
  const said: string[] = [];
  let told = 0;
  const clock = fakeClock((ms) => {
    nowMs += ms;
    onBeat?.(clock.sleptMs.length);
    if (clock.sleptMs.length >= beats) controller.abort();
  });
  const run = (held: () => readonly Claim[] = () => []) =>
    heartbeat({
      store: step === undefined ? plain : stepped(plain, step),
      beatMs: 5000,
      termSeconds: 60,
      held,
      record: (): WorkerRecord => workerRecordOf("w", { windows: told++ }),
      onCancel: (cancel) => void cancels.push(cancel),
      say: (line) => void said.push(line),
      clock,
    }, controller.signal);
  return { store: plain, run, cancels, said };
}

async function claimOf(
  store: Parameters<typeof claimCase>[0],
  caseId: string,
): Promise<Claim> {
  const by = { runId: "r", workerId: "w", termSeconds: 60 };
  const claim = await claimCase(store, by, caseId, 0, 0);
  if (typeof claim === "string") throw new Error(claim);
  return claim;
}

Deno.test("heartbeat() renews a claim at a third of its term, by its own clock", async () => {
  const writes: number[] = [];
  let beats = 0;
  const { store, run } = beat(13, {
    onBeat: (n) => {
      beats = n;
    },
    step: (what, key, when) => {
      if (what === "put" && key.startsWith("claims/") && when === "after") {
        writes.push(beats);
      }
      return Promise.resolve();
    },
  });
  const claim = await claimOf(store, "ä b");
  await run(() => [claim]);
  // Seen first at beat 0; twenty seconds are four beats.
  expect(writes).toEqual([4, 8, 12]);
  expect((await store.head(claimKey("ä b", 1)))!.modifiedAt)
    .toEqual(new Date(Date.UTC(2026, 0, 2) + 60_000));
});

Deno.test("heartbeat() tells of the worker at every beat", async () => {
  const { store, run } = beat(3);
  await run();
  const record = await readRecord(store, workerKey("w"), workerRecordSchema);
  expect(record!.windows).toBe(2);
});

Deno.test("heartbeat() tells once that the run is cancelled, and goes on beating", async () => {
  const { store, run, cancels } = beat(5);
  await requestCancel(store, "r", "wrong dataset");
  await run();
  expect(cancels.map(({ reason }) => reason)).toEqual(["wrong dataset"]);
  const record = await readRecord(store, workerKey("w"), workerRecordSchema);
  expect(record!.windows).toBe(4);
});

Deno.test("heartbeat() says what it cannot do, and tries again at the next beat", async () => {
  let beats = 0;
  const { store, run, said, cancels } = beat(6, {
    onBeat: (n) => {
      beats = n;
    },
    step: () =>
      beats < 5 ? Promise.reject(new Error("out of reach")) : Promise.resolve(),
  });
  await requestCancel(store, "r", "why");
  const claim = await claimOf(store, "c");
  await run(() => [claim]);
  expect(said).toContain(
    "Cannot look whether the run is cancelled: out of reach",
  );
  expect(said).toContain('Cannot renew the claim of case "c": out of reach');
  expect(said).toContain("Cannot tell how far this worker is: out of reach");
  expect(cancels).toHaveLength(1);
  expect(await store.head(workerKey("w"))).not.toBeNull();
  expect((await store.head(claimKey("c", 1)))!.modifiedAt)
    .toEqual(new Date(Date.UTC(2026, 0, 2) + 25_000));
});

Deno.test("heartbeat() takes a cancel.json that it cannot understand for what it is: somebody wants the run to stop", async () => {
  const { store, run, cancels } = beat(2);
  await store.put(CANCEL_KEY, new TextEncoder().encode("{"));
  await run();
  expect(cancels).toEqual([{
    requestedAt: "2026-01-02T00:00:00.000Z",
    reason: expect.stringMatching(
      /^nobody knows why: .*cancel\.json: it is not JSON$/,
    ),
  }]);
});

Deno.test("heartbeat() does not renew a claim that was released while it renewed another", async () => {
  const claims: Claim[] = [];
  const { store, run } = beat(6, {
    step: async (what, key, when) => {
      if (what !== "put" || key !== claimKey("a", 1) || when === "before") {
        return;
      }
      const [released] = claims.splice(1, 1);
      if (released) await releaseClaim(store, released);
    },
  });
  claims.push(await claimOf(store, "a"), await claimOf(store, "b"));
  await run(() => [...claims]);
  expect(await readRecord(store, claimKey("b", 1), claimSchema))
    .toMatchObject({ state: "released" });
});

Deno.test("heartbeat() stops at once when aborted in the middle of a wait", async () => {
  const controller = new AbortController();
  const beating = heartbeat({
    store: memoryStore(),
    beatMs: 3_600_000,
    termSeconds: 60,
    held: () => [],
    record: () => {
      setTimeout(() => controller.abort(), 5);
      return workerRecordOf("w");
    },
    onCancel: () => {},
    say: () => {},
  }, controller.signal);
  await beating;
  expect(controller.signal.aborted).toBe(true);
});
