/** @module A worker whose network does everything that networks do: each kind of request meets each fault. */
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "@std/expect";
import { Random } from "../../shared/imaging/phantom/random.ts";
import {
  type Action,
  S3FaultProxy,
  type S3Request,
} from "../support/s3_fault_proxy.ts";
import { testWithS3 } from "../support/s3_server.ts";
import { type CheckerCounts, startChecker } from "./harness/checker.ts";
import { History } from "./harness/history.ts";
import { kindOf } from "./harness/request_kind.ts";
import { newScene, withPlace } from "./harness/scene.ts";
import { workHere } from "./harness/worker_here.ts";

const CASES = 4;

/** Has the answer a body? */
const isDownload = ({ method, key }: S3Request) =>
  method === "GET" && key !== "";

/** Refusals have no checksum, nor have listings. */
const mayBeAbsent = ({ key }: S3Request) =>
  /(cancel|summary)\.json$|\/failures\//.test(key);

interface Fault {
  readonly name: string;
  readonly action: (random: Random) => Action;
  /** Requests that can meet it. @default all */
  readonly meets?: (request: S3Request) => boolean;
}

const FAULTS: readonly Fault[] = [
  { name: "is reset", action: () => ({ kind: "refuse" }) },
  {
    name: "is done, but its answer is lost",
    action: () => ({ kind: "loseAnswer" }),
  },
  { name: "stalls before the answer", action: () => ({ kind: "stall" }) },
  {
    name: "stalls within the answer",
    action: (random) => ({ kind: "stall", bodyBytes: random.integer(0, 200) }),
    meets: isDownload,
  },
  {
    name: "is slow",
    action: () => ({ kind: "slow", bytesPerSecond: 200_000 }),
  },
  {
    name: "is answered with 503 and Retry-After",
    action: () => ({
      kind: "answer",
      status: 503,
      code: "SlowDown",
      retryAfterSeconds: 1,
    }),
  },
  {
    name: "is answered with 500",
    action: () => ({ kind: "answer", status: 500, code: "InternalError" }),
  },
  {
    name: "has its answer cut short",
    action: (random) => ({
      kind: "truncate",
      bodyBytes: random.integer(0, 300),
    }),
    meets: ({ method }) => method === "GET",
  },
  {
    name: "has a byte of its answer changed",
    action: (random) => ({
      kind: "flipAnswer",
      offset: random.integer(0, 1_000_000),
    }),
    meets: (request) => isDownload(request) && !mayBeAbsent(request),
  },
  {
    name: "has a byte of its body changed",
    action: (random) => ({
      kind: "flipRequest",
      offset: random.integer(0, 1_000_000),
    }),
    meets: ({ method, bytes }) => method === "PUT" && bytes > 0,
  },
];

/** What a worker asks of a bucket. */
const EVERY_KIND = [
  "GET run.json",
  "GET nano.safetensors",
  "GET scans",
  "GET attempts",
  "HEAD masks",
  "PUT claims",
  "PUT attempts",
  "PUT results",
  "PUT masks",
  "PUT workers",
  "PUT summary.json",
  "list results",
  "list failures",
  "list claims",
];

/** Lets a worker do a run whose requests meet what `choose` says, and checks all it did. */
async function runThrough(
  choose: (request: S3Request, history: History) => Action,
  seed: number,
  server: Parameters<Parameters<typeof testWithS3>[1]>[0],
): Promise<CheckerCounts> {
  await using proxy = new S3FaultProxy(server.endpoint);
  const history = new History(seed);
  let counts: CheckerCounts | undefined;
  await withPlace(server, { count: CASES }, async (place) => {
    const scene = await newScene(place, {
      // Stalls must not cost claims here.
      coordination: { kind: "claims", termSeconds: 60 },
    });
    const checker = startChecker(scene, { history, isExpected: () => false });
    try {
      proxy.onRequest = (request) => choose(request, history);
      const { endpoint } = proxy;
      const { code, err } = await workHere(scene, { history, endpoint });
      if (code !== 0) throw history.violation(`it ends with ${code}: ${err}`);
      counts = await checker.finish();
    } finally {
      await checker.stop();
    }
  });
  return counts!;
}

for (const { name, action, meets = () => true } of FAULTS) {
  testWithS3(
    `a worker does all its cases where the first request of each kind ${name}`,
    async (server) => {
      const random = new Random(1, 0);
      const seen = new Set<string>();
      const met = new Set<string>();
      const counts = await runThrough(
        (request, history) => {
          const kind = kindOf(request);
          seen.add(kind);
          if (met.has(kind) || !meets(request)) return { kind: "pass" };
          met.add(kind);
          history.add(`${kind} ${name}`);
          return action(random);
        },
        1,
        server,
      );
      expect([...seen]).toEqual(expect.arrayContaining(EVERY_KIND));
      expect(met.size).toBeGreaterThan(0);
      // Whatever was lost on the way: a worker knows its own success.
      expect(counts).toMatchObject({
        results: CASES,
        failures: 0,
        attempts: CASES,
        claims: CASES,
      });
    },
  );
}

testWithS3(
  "a worker does all its cases where one of five requests meets some fault",
  async (server) => {
    const seed = crypto.getRandomValues(new Uint16Array(1))[0]!;
    const random = new Random(seed, 0);
    const counts = await runThrough(
      (request, history) => {
        if (!random.chance(0.2)) return { kind: "pass" };
        const fault = random.pick(
          FAULTS.filter(({ meets = () => true }) => meets(request)),
        );
        history.add(`${kindOf(request)} ${fault.name}`);
        return fault.action(random);
      },
      seed,
      server,
    );
    expect(counts.results).toBe(CASES);
  },
);

testWithS3(
  "a worker goes on when its server was away for some seconds",
  async (server) => {
    await using proxy = new S3FaultProxy(server.endpoint);
    await withPlace(server, { count: CASES }, async (place) => {
      const scene = await newScene(place);
      const history = new History(0);
      const checker = startChecker(scene, { history, isExpected: () => false });
      try {
        let outage: Promise<void> | undefined;
        const away = async () => {
          await proxy.down();
          await delay(3000);
          proxy.up();
        };
        proxy.onRequest = (request) => {
          if (kindOf(request) === "PUT results") outage ??= away();
          return { kind: "pass" };
        };
        const { code } = await workHere(scene, {
          history,
          endpoint: proxy.endpoint,
          settings: {
            retry: { attempts: 12, minDelayMs: 50, maxDelayMs: 500 },
          },
        });
        expect(code).toBe(0);
        expect(outage).toBeDefined();
        await outage;
        expect((await checker.finish()).results).toBe(CASES);
      } finally {
        await checker.stop();
      }
    });
  },
);

testWithS3(
  "a worker whose server stays away records nothing and ends with 75",
  async (server) => {
    await using proxy = new S3FaultProxy(server.endpoint);
    await withPlace(server, { count: CASES }, async (place) => {
      const scene = await newScene(place);
      const history = new History(0);
      const checker = startChecker(scene, { history, isExpected: () => false });
      try {
        proxy.onRequest = (request) =>
          kindOf(request) === "PUT results"
            ? { kind: "answer", status: 503, code: "SlowDown" }
            : { kind: "pass" };
        const { endpoint } = proxy;
        const settings = {
          retry: { attempts: 2, minDelayMs: 1, maxDelayMs: 2 },
        };
        const away = await workHere(scene, { history, endpoint, settings });
        expect(away.code).toBe(75);
        expect((await workHere(scene, { history })).code).toBe(0);
        expect(await checker.finish()).toMatchObject({
          results: CASES,
          failures: 0,
        });
      } finally {
        await checker.stop();
      }
    });
  },
);
