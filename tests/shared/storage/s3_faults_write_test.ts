/** @module Objects that are written over connections that break. */
import { expect } from "@std/expect";
import { createS3Client } from "../../../shared/storage/s3_client.ts";
import type { Fault } from "../../support/fault_proxy.ts";
import { testSettings } from "../../support/s3_store.ts";
import { bytesOf, expectSameBytes, patternBytes, textOf } from "./contents.ts";
import { errorAnswer, failureOf, faultTest, MIB } from "./faults.ts";

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
