/** @module A store that cannot create conditionally: shards only, one worker each. */
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "@std/expect";
import { Random } from "../../shared/imaging/phantom/random.ts";
import { S3FaultProxy } from "../support/s3_fault_proxy.ts";
import { testWithSwift } from "../support/s3_swift.ts";
import { withCheckedRun } from "./harness/checked.ts";
import { startChecker } from "./harness/checker.ts";
import { History } from "./harness/history.ts";
import { kindOf } from "./harness/request_kind.ts";
import { newScene, type Scene, withPlace } from "./harness/scene.ts";
import { workHere } from "./harness/worker_here.ts";
import { startWorker } from "./harness/worker_process.ts";

const SHARDS = 2;
const KILLS_PER_SHARD = 3;
const MOST_WORK_MS = 400;

testWithSwift(
  "work without a shard ends with 78 and says why where a store cannot create conditionally",
  async (server) => {
    await withPlace(server, { count: 1 }, async (place) => {
      const scene = await newScene(place);
      const { code, err } = await workHere(scene, { history: new History(0) });
      expect(code).toBe(78);
      expect(err).toMatch(/no conditional writes/);
      for (const prefix of ["claims/", "results/"]) {
        expect(await Array.fromAsync(scene.store.list(prefix))).toEqual([]);
      }
    });
  },
);

testWithSwift(
  "shards are done to the end though their workers are killed, one worker each",
  async (server) => {
    const seed = crypto.getRandomValues(new Uint16Array(1))[0]!;
    const counts = await withCheckedRun({
      server,
      seed,
      scans: { count: 16 },
      change: { coordination: { kind: "shards", count: SHARDS } },
    }, async (scene, history) => {
      const shards = Array.from({ length: SHARDS }, async (_, shard) => {
        const random = new Random(seed, shard);
        const start = () =>
          startWorker(scene, {
            history,
            name: `the worker of shard ${shard}`,
            args: ["--shard", `${shard}/${SHARDS}`],
          });
        for (let kill = 0; kill < KILLS_PER_SHARD; kill++) {
          const worker = start();
          await worker.atWork;
          await delay(random.uniform(0, MOST_WORK_MS));
          worker.send("SIGKILL");
          await worker.ended;
        }
        const { code, log } = await start().ended;
        expect([code, log]).toEqual([0, expect.anything()]);
      });
      await Promise.all(shards);
    });
    expect(counts).toMatchObject({ results: 16, failures: 0, claims: 0 });
  },
);

testWithSwift(
  "of two workers that were given the same shard, against the rules, the last result stands and is whole",
  async (server) => {
    await using proxy = new S3FaultProxy(server.endpoint);
    const both = Promise.withResolvers<void>();
    let arrived = 0;
    proxy.onRequest = async (request) => {
      if (kindOf(request) !== "PUT results") return { kind: "pass" };
      if (++arrived === 2) both.resolve();
      await both.promise;
      return { kind: "pass" };
    };
    await withPlace(server, { count: 1 }, async (place) => {
      const scene = await newScene(place, {
        coordination: { kind: "shards", count: 1 },
      });
      const history = new History(0);
      const worker = () =>
        workHere(scene, {
          history,
          endpoint: proxy.endpoint,
          settings: { idleTimeoutMs: 20_000 },
          args: ["--shard", "0/1"],
        });
      const ends = await Promise.all([worker(), worker()]);
      expect(ends.map(({ code }) => code)).toEqual([0, 0]);
      expect(arrived).toBe(2);
      expect(await countsAtEnd(scene, history)).toMatchObject({
        results: 1,
        attempts: 2,
      });
    });
  },
);

/** Of a run whose result may have changed before, but does no more. */
async function countsAtEnd(scene: Scene, history: History) {
  return await startChecker(scene, { history, isExpected: () => false })
    .finish();
}
