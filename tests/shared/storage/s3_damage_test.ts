/**
 * Bytes that change on their way, which TCP's checksum lets through about once in 65,000 damaged packets.
 * @module
 */
import { expect } from "@std/expect";
import type { S3Settings } from "../../../shared/storage/s3_settings.ts";
import type { S3Store } from "../../../shared/storage/s3_store.ts";
import { type Action, S3FaultProxy } from "../../support/s3_fault_proxy.ts";
import { testWithS3 } from "../../support/s3_server.ts";
import { testStore } from "../../support/s3_store.ts";
import { testWithSwift } from "../../support/s3_swift.ts";
import { bytesOf, expectSameBytes, patternBytes } from "./contents.ts";

const BODY = patternBytes(300_001);
const LARGE = patternBytes((16 << 20) + 5);

const QUICK: Partial<S3Settings> = {
  retry: { attempts: 3, minDelayMs: 1, maxDelayMs: 2 },
};

interface Ways {
  readonly proxy: S3FaultProxy;
  /** Through the proxy. */
  readonly store: S3Store;
  /** The same objects, past the proxy. */
  readonly direct: S3Store;
}

for (
  const [server, test] of [
    ["Ceph", testWithS3],
    ["Swift", testWithSwift],
  ] as const
) {
  const damageTest = (name: string, fn: (ways: Ways) => Promise<void>) =>
    test(`S3Store on ${server} ${name}`, async (server) => {
      await using proxy = new S3FaultProxy(server.endpoint);
      const prefix = `tests/${crypto.randomUUID()}`;
      const direct = testStore(server, {}, prefix);
      const { endpoint } = proxy;
      const store = testStore(server, { ...QUICK, endpoint }, prefix);
      await fn({ proxy, store, direct });
    });

  damageTest(
    "put() sends again what was damaged on its way",
    async ({ proxy, store, direct }) => {
      for (const body of [BODY, LARGE]) {
        let left = 2;
        proxy.onRequest = ({ bytes }) =>
          bytes > 1000 && left-- > 0
            ? { kind: "flipRequest", offset: 12_345 }
            : { kind: "pass" };
        await store.put("a", body);
        expect(left).toBeLessThan(0);
        expectSameBytes((await direct.get("a"))?.body, body);
      }
    },
  );

  damageTest(
    "get() reads a whole object again that was damaged on its way",
    async ({ proxy, store, direct }) => {
      const etag = await direct.put("a", BODY);
      const offsets = [0, 77, BODY.length - 1];
      proxy.onRequest = (): Action => {
        const offset = offsets.shift();
        return offset === undefined
          ? { kind: "pass" }
          : { kind: "flipAnswer", offset };
      };
      for (const range of [undefined, { start: 0, end: BODY.length }]) {
        const object = await store.get("a", range && { range });
        expectSameBytes(object?.body, BODY);
        expect(object?.etag).toBe(etag);
      }
      expect(proxy.requests).toBe(5);
    },
  );

  damageTest(
    "get() gives up an object that is damaged each time otherwise",
    async ({ proxy, store, direct }) => {
      await direct.put("a", BODY);
      let offset = 0;
      proxy.onRequest = () => ({ kind: "flipAnswer", offset: offset++ });
      await expect(store.get("a")).rejects.toMatchObject({
        kind: "storage",
        message: expect.stringContaining("it came damaged on its way"),
      });
      expect(proxy.requests).toBe(4);
    },
  );

  damageTest(
    "get() takes content that is the same twice, though its ETag is not its MD5, and checks no more",
    async ({ proxy, store, direct }) => {
      await direct.put("a", bytesOf("0123"));
      // As of a server whose ETags only look like MD5s: it is always this bit that differs.
      proxy.onRequest = () => ({ kind: "flipAnswer", offset: 3 });
      expect((await store.get("a"))?.body).toEqual(bytesOf("0122"));
      expect(proxy.requests).toBe(2);
      expect((await store.get("a"))?.body).toEqual(bytesOf("0122"));
      expect(proxy.requests).toBe(3);
    },
  );

  damageTest(
    "get() asks again where a refusal was cut short on its way",
    async ({ proxy, store }) => {
      const actions: Action[] = [{ kind: "truncate", bodyBytes: 20 }];
      proxy.onRequest = () => actions.shift() ?? { kind: "pass" };
      expect(await store.get("a")).toBeNull();
      expect(proxy.requests).toBe(2);
      proxy.onRequest = () => ({ kind: "truncate", bodyBytes: 20 });
      await expect(store.get("a")).rejects.toMatchObject({
        kind: "storage",
        message: expect.stringContaining(
          "the server's answer 404 arrives damaged, in 3 attempts",
        ),
      });
    },
  );
}
