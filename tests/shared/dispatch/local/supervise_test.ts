import { expect } from "@std/expect";
import {
  RESTART_LIMITS,
  supervise,
  type Supervision,
} from "../../../../shared/dispatch/local/supervise.ts";
import type {
  ProcessEnd,
  WorkerProcess,
} from "../../../../shared/dispatch/local/worker_process.ts";
import { fakeClock } from "../../../support/fake_clock.ts";

const exit = (code: number, lastLine = ""): ProcessEnd => ({
  code,
  signal: null,
  lastLine,
});
const killed = (signal: string): ProcessEnd => ({
  code: null,
  signal,
  lastLine: "",
});
const DONE = exit(0);

/** What a planned process does: it ends by itself after a while, or when it is sent a signal. */
type Plan =
  | { readonly ranMs: number; readonly end: ProcessEnd }
  | { readonly endsOn: "SIGTERM" | "SIGKILL"; readonly end: ProcessEnd };

const after = (ranMs: number, end: ProcessEnd): Plan => ({ ranMs, end });

/** Supervises one planned process after the other. */
async function superviseAll(
  plans: readonly Plan[],
  { stopping = new AbortController().signal, onStart = () => {} }: {
    readonly stopping?: AbortSignal;
    readonly onStart?: (count: number) => void;
  } = {},
) {
  const clock = fakeClock();
  const signals: string[] = [];
  let started = 0;
  const start = (): WorkerProcess => {
    const plan = plans[started++];
    if (plan === undefined) throw new Error("started too often");
    const { promise, resolve } = Promise.withResolvers<ProcessEnd>();
    const kill = (signal: "SIGTERM" | "SIGKILL") => {
      signals.push(signal);
      if ("endsOn" in plan && plan.endsOn === signal) resolve(plan.end);
    };
    queueMicrotask(() => onStart(started));
    return {
      pid: started,
      get ended() {
        if ("ranMs" in plan) {
          clock.advance(plan.ranMs);
          resolve(plan.end);
        }
        return promise;
      },
      kill,
      ref: () => {},
      unref: () => {},
    };
  };
  const supervision: Supervision = {
    index: 0,
    process: start(),
    startAgain: () => Promise.resolve().then(start),
    limits: RESTART_LIMITS,
    stopping,
    graceMs: 30_000,
    clock,
  };
  const end = await supervise(supervision);
  return { end, started, signals, sleptMs: clock.sleptMs };
}

Deno.test("supervise() leaves a worker alone that ended well", async () => {
  expect(await superviseAll([after(1, DONE)])).toEqual({
    end: { kind: "done", how: "ended well" },
    started: 1,
    signals: [],
    sleptMs: [],
  });
});

Deno.test("supervise() starts a worker again that says so, was asked to stop by others, or was killed", async () => {
  for (const first of [exit(75), exit(143), killed("SIGKILL")]) {
    const { end, started, sleptMs } = await superviseAll([
      after(1, first),
      after(1, DONE),
    ]);
    expect(end.kind).toBe("done");
    expect(started).toBe(2);
    expect(sleptMs).toEqual([1000]);
  }
});

Deno.test("supervise() gives a worker up after five restarts in a row, waiting longer each time", async () => {
  const { end, started, sleptMs } = await superviseAll(
    Array(6).fill(after(1, exit(75, "the bucket is out of reach"))),
  );
  expect(end).toEqual({
    kind: "failed",
    how:
      "ended with exit code 75: the bucket is out of reach, after 5 restarts in a row",
  });
  expect(started).toBe(6);
  expect(sleptMs).toEqual([1000, 2000, 4000, 8000, 16_000]);
});

Deno.test("supervise() counts restarts anew once a worker has run for a minute", async () => {
  const short = after(1, killed("SIGKILL"));
  const long = after(60_000, killed("SIGKILL"));
  const { end, sleptMs } = await superviseAll([
    ...Array(5).fill(short),
    long,
    ...Array(4).fill(short),
    after(1, DONE),
  ]);
  expect(end.kind).toBe("done");
  const row = [1000, 2000, 4000, 8000, 16_000];
  expect(sleptMs).toEqual([...row, ...row]);
});

Deno.test("supervise() does not try again what would fail again", async () => {
  expect((await superviseAll([after(1, exit(1, "a defect"))])).end)
    .toEqual({ kind: "failed", how: "ended with exit code 1: a defect" });
  expect((await superviseAll([after(1, exit(78, "no such engine"))])).end)
    .toEqual({
      kind: "configuration",
      how: "ended with exit code 78: no such engine",
    });
});

Deno.test("supervise() sends SIGTERM when it is to stop, and nothing more to who obeys", async () => {
  const stopping = new AbortController();
  const { end, signals } = await superviseAll(
    [{ endsOn: "SIGTERM", end: exit(143) }],
    { stopping: stopping.signal, onStart: () => stopping.abort() },
  );
  expect(end).toEqual({ kind: "stopped", how: "ended with exit code 143" });
  expect(signals[0]).toBe("SIGTERM");
});

Deno.test("supervise() sends SIGKILL after the grace time to who does not stop", async () => {
  const stopping = new AbortController();
  const { end, signals, sleptMs } = await superviseAll(
    [{ endsOn: "SIGKILL", end: killed("SIGKILL") }],
    { stopping: stopping.signal, onStart: () => stopping.abort() },
  );
  expect(end).toEqual({ kind: "stopped", how: "was killed by SIGKILL" });
  expect(signals).toEqual(["SIGTERM", "SIGKILL"]);
  expect(sleptMs).toEqual([30_000]);
});

Deno.test("supervise() takes a worker for done that ended well while it was asked to stop", async () => {
  const stopping = new AbortController();
  const { end } = await superviseAll([{ endsOn: "SIGTERM", end: DONE }], {
    stopping: stopping.signal,
    onStart: () => stopping.abort(),
  });
  expect(end.kind).toBe("done");
});

Deno.test("supervise() starts nothing again once it is to stop", async () => {
  const stopping = AbortSignal.abort();
  const { end, started } = await superviseAll([after(1, exit(75))], {
    stopping,
  });
  expect(end.kind).toBe("stopped");
  expect(started).toBe(1);
});

Deno.test("supervise() tells why a worker could not be started again", async () => {
  const { end } = await superviseAll([after(1, killed("SIGSEGV"))]);
  expect(end).toEqual({
    kind: "failed",
    how: "was killed by SIGSEGV: started too often",
  });
});
