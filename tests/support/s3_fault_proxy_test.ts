import { expect } from "@std/expect";
import type { S3Settings } from "../../shared/storage/s3_settings.ts";
import type { S3Store } from "../../shared/storage/s3_store.ts";
import {
  bytesOf,
  expectSameBytes,
  keysOf,
  patternBytes,
  textOf,
} from "../shared/storage/contents.ts";
import { type Action, S3FaultProxy, type S3Request } from "./s3_fault_proxy.ts";
import { type S3Server, testWithS3 } from "./s3_server.ts";
import { testStore } from "./s3_store.ts";

const BODY = patternBytes(200_003);

const QUICK: Partial<S3Settings> = {
  retry: { attempts: 3, minDelayMs: 1, maxDelayMs: 2 },
  // Requests are counted: only those that are stalled may take so long, on a busy machine as well.
  idleTimeoutMs: 1000,
};

interface Ways {
  readonly server: S3Server;
  readonly proxy: S3FaultProxy;
  /** Starts the keys of both stores in the bucket. */
  readonly prefix: string;
  /** Through the proxy. */
  readonly store: S3Store;
  /** The same objects, past the proxy. */
  readonly direct: S3Store;
}

function proxyTest(name: string, fn: (ways: Ways) => Promise<void>): void {
  testWithS3(`S3FaultProxy ${name}`, async (server) => {
    await using proxy = new S3FaultProxy(server.endpoint);
    const prefix = `tests/${crypto.randomUUID()}`;
    const direct = testStore(server, {}, prefix);
    const { endpoint } = proxy;
    const store = testStore(server, { ...QUICK, endpoint }, prefix);
    await fn({ server, proxy, prefix, store, direct });
  });
}

/** Does the actions in turn, then lets everything pass. */
function inTurn(...actions: Action[]): () => Action {
  return () => actions.shift() ?? { kind: "pass" };
}

proxyTest(
  "tells method, bucket, key and query of each request",
  async ({ server, proxy, prefix, store }) => {
    const seen: S3Request[] = [];
    proxy.onRequest = (request) => {
      seen.push(request);
      return { kind: "pass" };
    };
    const key = "ü /a+b%20&c=d?e#f.nii.gz";
    await store.put(key, bytesOf("12345"));
    expect(textOf(await store.get(key))).toBe("12345");
    expect(await keysOf(store.list("ü "))).toEqual([key]);
    await store.delete(key);
    expect(seen.map(({ method, bytes }) => [method, bytes])).toEqual([
      ["PUT", 5],
      ["GET", 0],
      ["GET", 0],
      ["DELETE", 0],
    ]);
    const whole = `${prefix}/${key}`;
    expect(seen.map(({ key }) => key)).toEqual([whole, whole, "", whole]);
    expect(new Set(seen.map(({ bucket }) => bucket))).toEqual(
      new Set([server.bucket]),
    );
    expect(seen[2]?.query.get("prefix")).toBe(`${prefix}/ü `);
    expect(proxy.requests).toBe(4);
  },
);

proxyTest(
  "runs a test's code before the server hears of a request, and after it is done",
  async ({ proxy, store, direct }) => {
    const steps: [string, string | null][] = [];
    const look = (name: string) => async () => {
      steps.push([name, textOf(await direct.get("a"))]);
    };
    proxy.onRequest = inTurn({
      kind: "pass",
      before: look("before"),
      after: look("after"),
    });
    await store.put("a", bytesOf("x"));
    expect(steps).toEqual([["before", null], ["after", "x"]]);
  },
);

proxyTest(
  "loses the answer to what the server has done",
  async ({ proxy, store, direct }) => {
    let done: string | null = null;
    const after = async () => {
      done = textOf(await direct.get("a"));
    };
    proxy.onRequest = inTurn({ kind: "loseAnswer", after });
    expect(await store.create("a", bytesOf("mine"))).toBe(false);
    expect(done).toBe("mine");
    expect(proxy.requests).toBe(2);
  },
);

proxyTest(
  "refuses and answers in the server's place, which hears nothing",
  async ({ proxy, store, direct }) => {
    proxy.onRequest = inTurn(
      { kind: "refuse" },
      { kind: "answer", status: 503, code: "SlowDown", retryAfterSeconds: 1 },
    );
    await store.put("a", bytesOf("x"));
    expect(proxy.requests).toBe(3);
    proxy.onRequest = () => ({ kind: "answer", status: 503, code: "SlowDown" });
    await expect(store.put("b", bytesOf("x"))).rejects.toThrow("503 SlowDown");
    expect(await keysOf(direct.list(""))).toEqual(["a"]);
    const raw = await fetch(proxy.endpoint);
    expect([raw.status, raw.headers.get("retry-after")]).toEqual([503, null]);
    expect(await raw.text()).toContain("<Code>SlowDown</Code>");
  },
);

proxyTest(
  "truncates and stalls answers, so that a download goes on where they broke",
  async ({ proxy, store, direct }) => {
    await direct.put("a", BODY);
    const asked: string[] = [];
    const next = inTurn(
      { kind: "truncate", bodyBytes: 100_000 },
      { kind: "stall" },
      { kind: "stall", bodyBytes: 50_000 },
    );
    proxy.onRequest = ({ method }) => {
      asked.push(method);
      return next();
    };
    expectSameBytes((await store.get("a"))?.body, BODY);
    expect(asked).toEqual(["GET", "GET", "GET", "GET"]);
  },
);

proxyTest("slows answers down", async ({ proxy, store, direct }) => {
  await direct.put("a", BODY);
  proxy.onRequest = () => ({ kind: "slow", bytesPerSecond: 1_000_000 });
  const start = performance.now();
  expectSameBytes((await store.get("a"))?.body, BODY);
  expect(performance.now() - start).toBeGreaterThan(190);
});

proxyTest(
  "flips one bit of an answer, at the offset it is told",
  async ({ proxy, direct, store }) => {
    await direct.put("a", BODY);
    proxy.onRequest = () => ({ kind: "flipAnswer", offset: 12_345 });
    // Not to the end, as whole objects are checked and read again.
    const range = { start: 0, end: BODY.length - 1 };
    const wanted = BODY.slice(0, -1);
    wanted[12_345] = (wanted[12_345] ?? 0) ^ 1;
    expectSameBytes((await store.get("a", { range }))?.body, wanted);
  },
);

proxyTest(
  "flips one bit of an upload, which the server refuses and the store sends again",
  async ({ proxy, store, direct }) => {
    proxy.onRequest = inTurn({ kind: "flipRequest", offset: 3 });
    await store.put("a", BODY);
    expect(proxy.requests).toBe(2);
    expectSameBytes((await direct.get("a"))?.body, BODY);
  },
);

proxyTest(
  "down() breaks what is under way and refuses connections until up()",
  async ({ proxy, store }) => {
    const started = Promise.withResolvers<void>();
    proxy.onRequest = () => {
      started.resolve();
      return { kind: "stall" };
    };
    const call = expect(store.put("a", bytesOf("x"))).rejects.toThrow(
      "ECONNREFUSED",
    );
    await started.promise;
    await proxy.down();
    await call;
    proxy.up();
    proxy.onRequest = inTurn();
    await store.put("a", bytesOf("x"));
  },
);

testWithS3("S3FaultProxy fails the test whose code failed", async (server) => {
  const run = async () => {
    await using proxy = new S3FaultProxy(server.endpoint, () => {
      throw new Error("broken hook");
    });
    const { endpoint } = proxy;
    await testStore(server, { ...QUICK, endpoint }).put("a", bytesOf("x"))
      .catch(() => {});
  };
  await expect(run()).rejects.toThrow("broken hook");
});
