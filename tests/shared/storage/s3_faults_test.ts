/** @module What every call makes of faults that pass, and of those that last. */
import { expect } from "@std/expect";
import { CaseError } from "../../../shared/case_error.ts";
import type { S3Settings } from "../../../shared/storage/s3_settings.ts";
import { S3Store } from "../../../shared/storage/s3_store.ts";
import type { Fault } from "../../support/fault_proxy.ts";
import type { S3Server } from "../../support/s3_server.ts";
import { testSettings, testStore } from "../../support/s3_store.ts";
import {
  bytesOf,
  expectSameBytes,
  keysOf,
  patternBytes,
  textOf,
} from "./contents.ts";
import { errorAnswer, failureOf, faultTest } from "./faults.ts";

/** Stalls are noticed soon; tries enough for a server that is slow for some seconds. */
const SOON_STALLED: Partial<S3Settings> = {
  retry: { attempts: 30, minDelayMs: 5, maxDelayMs: 20 },
  idleTimeoutMs: 300,
};

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
        // Where stalls are noticed soon, a slow answer of the server itself looks like one.
        if (fault.kind === "stall") {
          expect(proxy.connections).toBeGreaterThanOrEqual(3);
        } else expect(proxy.connections).toBe(3);
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
    fault.kind === "stall" ? SOON_STALLED : {},
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
