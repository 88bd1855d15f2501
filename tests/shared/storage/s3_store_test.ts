import { expect } from "@std/expect";
import { S3Store } from "../../../shared/storage/s3_store.ts";
import { FaultProxy } from "../../support/fault_proxy.ts";
import { testWithS3 } from "../../support/s3_server.ts";
import { testSettings, testStore } from "../../support/s3_store.ts";
import { bytesOf } from "./contents.ts";
import { testContract } from "./contract.ts";

testContract((name, fn) =>
  testWithS3(`S3Store ${name}`, (server) => fn(testStore(server)))
);

testWithS3(
  "S3Store list() tells the ETags of what it lists",
  async (server) => {
    const store = testStore(server);
    const etag = await store.put("a", bytesOf("abc"));
    const listed = await Array.fromAsync(store.list(""));
    expect(listed.map(({ etag }) => etag)).toEqual([etag]);
  },
);

testWithS3("S3Store peek() takes one request", async (server) => {
  await using proxy = new FaultProxy(server.endpoint);
  const store = testStore(server, { endpoint: proxy.endpoint });
  await store.put("a", bytesOf("0123456789"));
  proxy.plan();
  expect((await store.peek("a", 4))?.bytes).toBe(10);
  expect(proxy.connections).toBe(1);
});

testWithS3(
  "S3Store now() asks only where no answer came before",
  async (server) => {
    await using proxy = new FaultProxy(server.endpoint);
    const settings = { ...testSettings(server), endpoint: proxy.endpoint };
    const fresh = () => new S3Store(server.bucket, "p", settings);
    const asked = fresh();
    proxy.plan();
    const first = await asked.now();
    await asked.now();
    expect(proxy.connections).toBe(1);
    expect(Math.abs(first.getTime() - Date.now())).toBeLessThan(60_000);

    const used = fresh();
    await used.head("none");
    proxy.plan();
    await used.now();
    expect(proxy.connections).toBe(0);
  },
);

testWithS3(
  "S3Store now() learns the time from refusals, too",
  async (server) => {
    const settings = testSettings(server);
    const credentials = { accessKeyId: "test", secretAccessKey: "wrong" };
    const refused = [
      new S3Store("no-such-bucket", "", settings),
      new S3Store(server.bucket, "", { ...settings, credentials }),
    ];
    for (const store of refused) {
      const now = await store.now();
      expect(Math.abs(now.getTime() - Date.now())).toBeLessThan(60_000);
    }
  },
);

testWithS3("S3Store now() fails where no answer comes", async (server) => {
  const store = testStore(server, {
    endpoint: "http://127.0.0.1:1",
    retry: { attempts: 2, minDelayMs: 1, maxDelayMs: 2 },
  });
  await expect(store.now()).rejects.toThrow(
    `cannot look at ${store.location}: no answer from the server`,
  );
});

testWithS3(
  "S3Store now() follows the server's clock, not this machine's",
  async (server) => {
    const date = "Mon, 06 Jul 2026 12:00:00 GMT";
    await using fake = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response(null, { headers: { date } }),
    );
    const endpoint = `http://127.0.0.1:${fake.addr.port}`;
    const now = await testStore(server, { endpoint }).now();
    const aheadMs = now.getTime() - Date.parse(date);
    expect(aheadMs).toBeGreaterThanOrEqual(0);
    // Carried on by the time since the answer, which may be long on a busy machine.
    expect(aheadMs).toBeLessThan(60_000);
  },
);
