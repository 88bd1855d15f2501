/** @module Workers that get into each other's way: suspended, stopped, or with clocks that differ. */
import { expect } from "@std/expect";
import { readRecord } from "../../shared/runs/record_io.ts";
import { claimSchema, resultSchema } from "../../shared/runs/records.ts";
import { S3FaultProxy } from "../support/s3_fault_proxy.ts";
import { testWithS3 } from "../support/s3_server.ts";
import { withCheckedRun } from "./harness/checked.ts";
import { kindOf } from "./harness/request_kind.ts";
import { serverEnv } from "./harness/scene.ts";
import { workHere } from "./harness/worker_here.ts";
import { startWorker } from "./harness/worker_process.ts";

for (const kind of ["PUT attempts", "PUT results", "PUT masks"]) {
  testWithS3(
    `a worker that is suspended in its ${kind} until another has done its case changes nothing any more`,
    async (server) => {
      await using proxy = new S3FaultProxy(server.endpoint);
      const counts = await withCheckedRun({
        server,
        scans: { count: 1 },
        change: { coordination: { kind: "claims", termSeconds: 1 } },
      }, async (scene, history) => {
        const sleeper = startWorker(scene, {
          history,
          name: "the sleeper",
          env: serverEnv(server, proxy.endpoint),
        });
        let slept = false;
        proxy.onRequest = async (request) => {
          if (slept || kindOf(request) !== kind) return { kind: "pass" };
          slept = true;
          sleeper.send("SIGSTOP");
          try {
            expect((await workHere(scene, { history })).code).toBe(0);
          } finally {
            sleeper.send("SIGCONT");
          }
          return { kind: "pass" };
        };
        const { code, log } = await sleeper.ended;
        expect(slept).toBe(true);
        expect(code).toBe(0);
        const result = await readRecord(
          scene.store,
          "results/case 0.json",
          resultSchema,
        );
        // Only what was committed is told, also to the one who came too late.
        expect(log.join("\n")).toContain("case 0: done in");
        expect(result?.caseId).toBe("case 0");
      });
      const committedBefore = kind === "PUT masks";
      expect(counts).toMatchObject({
        results: 1,
        failures: 0,
        attempts: committedBefore ? 1 : 2,
        claims: committedBefore ? 1 : 2,
      });
    },
  );
}

testWithS3(
  "workers share a case that both hold to be theirs: both commit, one result stands",
  async (server) => {
    await using proxy = new S3FaultProxy(server.endpoint);
    const both = Promise.withResolvers<void>();
    const firstIsSeen = Promise.withResolvers<void>();
    let arrived = 0;
    const counts = await withCheckedRun({
      server,
      scans: { count: 1 },
    }, async (scene, history, checker) => {
      proxy.onRequest = async (request) => {
        if (kindOf(request) !== "PUT results") return { kind: "pass" };
        const isFirst = ++arrived === 1;
        if (!isFirst) {
          both.resolve();
          await firstIsSeen.promise;
          return { kind: "pass" };
        }
        await both.promise;
        const after = async () => {
          await checker.nextPass();
          firstIsSeen.resolve();
        };
        return { kind: "pass", after };
      };
      // Each sees no claims but its own.
      const worker = () =>
        workHere(scene, {
          history,
          endpoint: proxy.endpoint,
          settings: { idleTimeoutMs: 20_000 },
          args: ["--shard", "0/1"],
        });
      const ends = await Promise.all([worker(), worker()]);
      expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    });
    expect(arrived).toBe(2);
    expect(counts).toMatchObject({ results: 1, attempts: 2 });
  },
);

testWithS3(
  "SIGTERM during a window ends a worker with 143 at once, and another goes on without waiting for its term",
  async (server) => {
    const TERM_SECONDS = 600;
    const counts = await withCheckedRun({
      server,
      // The first has 29 windows that differ: it is far from done when the signal comes.
      scans: { count: 2, shape: [128, 48, 32], overlap: 0.75 },
      change: { coordination: { kind: "claims", termSeconds: TERM_SECONDS } },
    }, async (scene, history) => {
      const worker = startWorker(scene, {
        history,
        name: "the stopped one",
        onLine: (line) => {
          if (line.includes('"stage":"preprocess"')) worker.send("SIGTERM");
        },
      });
      await worker.atWork;
      const askedAt = performance.now();
      const { code } = await worker.ended;
      expect(code).toBe(143);
      expect(performance.now() - askedAt).toBeLessThan(10_000);
      const claim = await readRecord(
        scene.store,
        "claims/case 0/1.json",
        claimSchema,
      );
      expect(claim?.state).toBe("released");
      expect(await scene.store.head("results/case 0.json")).toBeNull();

      expect((await workHere(scene, { history })).code).toBe(0);
      const inSeconds = (performance.now() - askedAt) / 1000;
      expect(inSeconds).toBeLessThan(TERM_SECONDS / 10);
    });
    expect(counts).toMatchObject({ results: 2, attempts: 2, claims: 3 });
  },
);

testWithS3(
  "workers whose clocks are wrong by minutes and hours neither steal claims nor leave them",
  async (server) => {
    const MINUTE_MS = 60_000;
    const counts = await withCheckedRun({
      server,
      scans: { count: 8 },
      change: { coordination: { kind: "claims", termSeconds: 30 } },
    }, async (scene, history) => {
      const preload = [
        new URL("harness/shifted_clock.ts", import.meta.url).pathname,
      ];
      // Beyond a quarter of an hour S3 refuses the request's signature until the client has learnt the time.
      const ends = [-10, 10, 90].map((minutes) =>
        startWorker(scene, {
          history,
          name: `the worker ${minutes} minutes off`,
          env: { TEST_CLOCK_SHIFT_MS: String(minutes * MINUTE_MS) },
          preload,
        }).ended
      );
      for (const { code, log } of await Promise.all(ends)) {
        expect([code, log]).toEqual([0, expect.anything()]);
      }
      const shifts = [];
      for await (const { key, modifiedAt } of scene.store.list("results/")) {
        const result = await readRecord(scene.store, key, resultSchema);
        const told = Date.parse(result!.endedAt);
        shifts.push(
          Math.round((told - modifiedAt.getTime()) / MINUTE_MS / 10) * 10,
        );
      }
      // Their clocks were wrong indeed.
      expect(shifts).not.toContain(0);
    });
    expect(counts).toMatchObject({ results: 8, attempts: 8, claims: 8 });
  },
);

testWithS3(
  "workers whose clocks are wrong take over the cases of one that died, when the store's clock says so",
  async (server) => {
    await withCheckedRun({
      server,
      scans: { count: 3 },
      change: { coordination: { kind: "claims", termSeconds: 1 } },
    }, async (scene, history) => {
      const worker = (name: string, minutes: number) =>
        startWorker(scene, {
          history,
          name,
          env: { TEST_CLOCK_SHIFT_MS: String(minutes * 60_000) },
          preload: [
            new URL("harness/shifted_clock.ts", import.meta.url).pathname,
          ],
        });
      const victim = worker("the fast one", 10);
      await victim.atWork;
      victim.send("SIGKILL");
      await victim.ended;
      const { code } = await worker("the slow one", -10).ended;
      expect(code).toBe(0);
    });
  },
);
