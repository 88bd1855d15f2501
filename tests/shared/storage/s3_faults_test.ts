import { expect } from "@std/expect";
import { CaseError } from "../../../shared/case_error.ts";
import { createS3Client } from "../../../shared/storage/s3_client.ts";
import type { S3Settings } from "../../../shared/storage/s3_settings.ts";
import { S3Store } from "../../../shared/storage/s3_store.ts";
import { type Fault, FaultProxy } from "../../support/fault_proxy.ts";
import { type S3Server, testWithS3 } from "../../support/s3_server.ts";
import { testSettings, testStore } from "../../support/s3_store.ts";
import {
  bytesOf,
  expectSameBytes,
  keysOf,
  patternBytes,
  textOf,
} from "./contract.ts";

const MIB = 1 << 20;
const BODY = patternBytes(MIB + 3);

/** Waits so short that a test of retries takes no time. */
const QUICK: Partial<S3Settings> = {
  retry: { attempts: 4, minDelayMs: 5, maxDelayMs: 20 },
  idleTimeoutMs: 300,
};

interface Ways {
  readonly server: S3Server;
  readonly proxy: FaultProxy;
  /** Through the proxy. */
  readonly store: S3Store;
  /** The same objects, past the proxy. */
  readonly direct: S3Store;
}

function faultTest(name: string, fn: (ways: Ways) => Promise<void>): void {
  testWithS3(`S3Store ${name}`, async (server) => {
    await using proxy = new FaultProxy(server.endpoint);
    const prefix = `tests/${crypto.randomUUID()}`;
    const direct = testStore(server, {}, prefix);
    const store = testStore(
      server,
      { ...QUICK, endpoint: proxy.endpoint },
      prefix,
    );
    await fn({ server, proxy, store, direct });
  });
}

/** What the call throws. */
async function failureOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it did not fail");
}

function errorAnswer(status: number, code: string): Fault {
  const body =
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>planned</Message></Error>`;
  return { kind: "answer", status, body };
}

const PASSING: readonly (readonly [string, Fault])[] = [
  ["a reset connection", { kind: "reset" }],
  ["503 SlowDown", errorAnswer(503, "SlowDown")],
  ["500 InternalError", errorAnswer(500, "InternalError")],
  ["429", errorAnswer(429, "TooManyRequests")],
  ["502 without XML", {
    kind: "answer",
    status: 502,
    body: "<html>bad gateway",
  }],
  ["an answer cut within its head", { kind: "cutAnswer", afterBytes: 20 }],
  ["no answer at all", { kind: "stall", afterBytes: 0 }],
  ["a lost answer", { kind: "loseAnswer" }],
];

for (const [what, fault] of PASSING) {
  faultTest(
    `every call survives ${what}, twice`,
    async ({ proxy, store, direct }) => {
      const twice = async <T>(call: () => Promise<T>): Promise<T> => {
        proxy.plan(fault, fault);
        const result = await call();
        expect(proxy.connections).toBe(3);
        return result;
      };
      const body = patternBytes(10_000);
      await twice(() => store.put("a", body));
      expectSameBytes((await direct.get("a"))?.body, body);
      expectSameBytes((await twice(() => store.get("a")))?.body, body);
      expect((await twice(() => store.head("a")))?.bytes).toBe(body.length);
      expect(await twice(() => keysOf(store.list("")))).toEqual(["a"]);
      await twice(() => store.delete("a"));
      expect(await direct.head("a")).toBe(null);
    },
  );
}

faultTest(
  "put() survives an outage of the server",
  async ({ proxy, server }) => {
    const retry = { attempts: 20, minDelayMs: 50, maxDelayMs: 200 };
    const store = testStore(server, { endpoint: proxy.endpoint, retry });
    await proxy.down();
    const written = store.put("a", bytesOf("x"));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    proxy.up();
    await written;
    expect(textOf(await store.get("a"))).toBe("x");
  },
);

Deno.test("readS3Settings() lets requests survive an outage of 30 seconds", () => {
  const { retry } = testSettings({
    endpoint: "http://127.0.0.1:1",
    accessKey: "a",
    secretKey: "b",
    bucket: "c",
  });
  let waitedMs = 0;
  for (let i = 0; i < retry.attempts - 1; i++) {
    waitedMs += Math.min(retry.maxDelayMs, retry.minDelayMs * 2 ** i);
  }
  expect(waitedMs).toBeGreaterThan(30_000);
});

faultTest(
  "get() goes on where its answer broke, more often than one request is tried",
  async ({ proxy, store, direct }) => {
    await direct.put("a", BODY);
    const cut: Fault = { kind: "cutAnswer", afterBytes: 150_000 };
    proxy.plan(cut, cut, { kind: "stall", afterBytes: 150_000 }, cut, cut, cut);
    expectSameBytes((await store.get("a"))?.body, BODY);
    expect(proxy.connections).toBe(7);
  },
);

faultTest(
  "get() of a range goes on within the range",
  async ({ proxy, store, direct }) => {
    await direct.put("a", BODY);
    const cut: Fault = { kind: "cutAnswer", afterBytes: 100_000 };
    proxy.plan(cut, { kind: "reset" }, cut);
    const range = { start: 1000, end: 400_000 };
    const object = await store.get("a", { range });
    expectSameBytes(object?.body, BODY.slice(range.start, range.end));
    expect(object?.bytes).toBe(BODY.length);
  },
);

faultTest(
  "get() starts anew when the object is replaced while it is read",
  async ({ proxy, store, direct }) => {
    await direct.put("a", BODY);
    const other = patternBytes(MIB, 99);
    proxy.plan({ kind: "cutAnswer", afterBytes: 300_000 }, {
      kind: "pass",
      before: async () => {
        await direct.put("a", other);
      },
    });
    expectSameBytes((await store.get("a"))?.body, other);
  },
);

faultTest(
  "get() is null when the object is deleted while it is read",
  async ({ proxy, store, direct }) => {
    await direct.put("a", BODY);
    proxy.plan({ kind: "cutAnswer", afterBytes: 300_000 }, {
      kind: "pass",
      before: () => direct.delete("a"),
    });
    expect(await store.get("a")).toBe(null);
  },
);

faultTest(
  "get() stops while nothing comes, when its signal says so",
  async ({ proxy, server, direct }) => {
    await direct.put("a", BODY);
    const patient = testStore(
      server,
      { endpoint: proxy.endpoint },
      direct.location.slice(`s3://${server.bucket}/`.length),
    );
    for (const afterBytes of [0, 100_000]) {
      proxy.plan({ kind: "stall", afterBytes });
      const signal = AbortSignal.timeout(200);
      expect(await failureOf(patient.get("a", { signal }))).toBe(signal.reason);
      expect(proxy.connections).toBe(1);
    }
  },
);

faultTest(
  "get() refuses a large object without reading it",
  async ({ proxy, store, direct }) => {
    await direct.put("a", BODY);
    // Were the body needed, the call would wait, then fail in another way.
    proxy.plan(...Array<Fault>(4).fill({ kind: "stall", afterBytes: 2000 }));
    await expect(store.get("a", { maxBytes: 10 })).rejects.toThrow(RangeError);
    expect(proxy.connections).toBe(1);
  },
);

faultTest(
  "create() whose answer was lost says false, and the object is whole and its own",
  async ({ proxy, store, direct }) => {
    proxy.plan({ kind: "loseAnswer" });
    expect(await store.create("a", bytesOf("mine"))).toBe(false);
    expect(textOf(await direct.get("a"))).toBe("mine");
  },
);

faultTest(
  "create() that never reached the server says true after the retry",
  async ({ proxy, store, direct }) => {
    proxy.plan(
      { kind: "reset" },
      errorAnswer(503, "SlowDown"),
      errorAnswer(409, "ConditionalRequestConflict"),
    );
    expect(await store.create("a", bytesOf("mine"))).toBe(true);
    expect(textOf(await direct.get("a"))).toBe("mine");
  },
);

faultTest(
  "create() that only meets conflicts says false once an object stands there",
  async ({ proxy, store, direct }) => {
    const conflicts = Array<Fault>(4).fill(
      errorAnswer(409, "ConditionalRequestConflict"),
    );
    proxy.plan(...conflicts);
    const failure = await failureOf(store.create("a", bytesOf("mine")));
    expect(failure.message).toContain("409 ConditionalRequestConflict");
    await direct.put("a", bytesOf("theirs"));
    proxy.plan(...conflicts);
    expect(await store.create("a", bytesOf("mine"))).toBe(false);
  },
);

faultTest(
  "create() is not supported where the server has no conditional writes",
  async ({ proxy, store }) => {
    proxy.plan(errorAnswer(501, "NotImplemented"));
    const failure = await failureOf(store.create("a", bytesOf("mine")));
    expect(failure).toBeInstanceOf(Deno.errors.NotSupported);
    expect(failure.message).toBe(
      `Cannot create ${store.location}/a as the server has no conditional writes (501 NotImplemented)`,
    );
    expect(proxy.connections).toBe(1);
  },
);

faultTest(
  "create() refuses what does not fit into one request",
  async ({ proxy, store }) => {
    await expect(store.create("a", new Uint8Array(512 * MIB + 1))).rejects
      .toThrow(RangeError);
    expect(proxy.connections).toBe(0);
  },
);

faultTest(
  "put() in parts survives faults of each request, the last one's lost answer too",
  async ({ proxy, store, direct }) => {
    const body = patternBytes(20 * MIB);
    // One request opens the upload, three send parts, one completes it.
    proxy.plan(
      { kind: "reset" },
      { kind: "pass" },
      errorAnswer(503, "SlowDown"),
      { kind: "loseAnswer" },
      { kind: "pass" },
      { kind: "pass" },
      { kind: "pass" },
      { kind: "loseAnswer" },
    );
    const etag = await store.put("large", body);
    const object = await direct.get("large");
    expectSameBytes(object?.body, body);
    expect(object?.etag).toBe(etag);
    expect(proxy.connections).toBeGreaterThan(8);
  },
);

faultTest(
  "put() in parts that fails leaves neither object nor parts",
  async ({ proxy, server, store, direct }) => {
    const denied = errorAnswer(403, "AccessDenied");
    proxy.plan({ kind: "pass" }, { kind: "pass" }, denied);
    const failure = await failureOf(store.put("large", patternBytes(20 * MIB)));
    expect(failure.message).toContain("access is denied (403 AccessDenied)");
    expect(await direct.head("large")).toBe(null);
    const uploads = await createS3Client(testSettings(server))
      .listMultipartUploads({
        Bucket: server.bucket,
        Prefix: store.location.slice(`s3://${server.bucket}/`.length),
      });
    expect(uploads.Uploads ?? []).toEqual([]);
  },
);

faultTest(
  "every call that fails for good tells operation, place and attempts",
  async ({ proxy, store }) => {
    await proxy.down();
    const at = store.location;
    const calls: [() => Promise<unknown>, string][] = [
      [
        () => store.get("a b"),
        `cannot read ${at}/a b: no answer from the server`,
      ],
      [
        () => store.head("a"),
        `cannot look at ${at}/a: no answer from the server`,
      ],
      [
        () => store.put("a", bytesOf("x")),
        `cannot write ${at}/a: no answer from the server`,
      ],
      [
        () => store.create("a", bytesOf("x")),
        `cannot create ${at}/a: no answer from the server`,
      ],
      [
        () => store.delete("a"),
        `cannot delete ${at}/a: no answer from the server`,
      ],
      [
        () => keysOf(store.list("p/")),
        `cannot list ${at}/p/: no answer from the server`,
      ],
    ];
    for (const [call, start] of calls) {
      const failure = await failureOf(call());
      expect(failure).toBeInstanceOf(CaseError);
      expect(failure).toMatchObject({ kind: "storage" });
      expect(failure.message).toContain(start);
      expect(failure.message).toContain("ECONNREFUSED");
      expect(failure.message).toMatch(/, in 4 attempts$/);
      expect(failure.cause).toBeInstanceOf(Error);
    }
    proxy.up();
  },
);

const LASTING: readonly (readonly [
  string,
  (server: S3Server) => [Partial<S3Settings>, string],
  string,
])[] = [
  [
    "a wrong secret",
    (
      { accessKey, bucket },
    ) => [{
      credentials: { accessKeyId: accessKey, secretAccessKey: "wrongsecret" },
    }, bucket],
    "the server refuses the credentials (403 SignatureDoesNotMatch)",
  ],
  [
    "an unknown access key",
    (
      { bucket },
    ) => [{
      credentials: {
        accessKeyId: "nobodyskey",
        secretAccessKey: "wrongsecret",
      },
    }, bucket],
    "the server refuses the credentials (403 InvalidAccessKeyId)",
  ],
  [
    "a missing bucket",
    () => [{}, "no-such-bucket"],
    "there is no such bucket",
  ],
];

for (const [what, change, problem] of LASTING) {
  faultTest(
    `every call reports ${what} at once, as a matter of configuration`,
    async ({ server, proxy }) => {
      const [changes, bucket] = change(server);
      const settings = {
        ...testSettings(server),
        ...changes,
        endpoint: proxy.endpoint,
      };
      const store = new S3Store(bucket, "p", settings);
      const calls = [
        () => store.get("a"),
        () => store.put("a", bytesOf("x")),
        () => store.create("a", bytesOf("x")),
        () => store.delete("a"),
        () => keysOf(store.list("")),
      ];
      for (const call of calls) {
        proxy.plan();
        const failure = await failureOf(call());
        expect(failure).toMatchObject({ kind: "configuration" });
        expect(failure.message).toContain(`s3://${bucket}/p`);
        expect(failure.message).toContain(problem);
        expect(Deno.inspect(failure)).not.toMatch(
          /wrongsecret|nobodyskey|Signature=|Credential=/,
        );
        expect(proxy.connections).toBe(1);
      }
      // HEAD is answered without a code.
      const failure = await failureOf(store.head("a"));
      expect(failure).toMatchObject({ kind: "configuration" });
      expect(failure.message).toMatch(
        /there is no such bucket|access is denied \(403/,
      );
    },
  );
}
