import { expect } from "@std/expect";
import { patternBytes } from "../shared/storage/contents.ts";
import { startS3Server, testWithS3 } from "./s3_server.ts";
import { testStore } from "./s3_store.ts";

testWithS3(
  "startS3Server() makes a server whose gateway may be killed and keeps its data",
  async () => {
    const server = await startS3Server();
    if ("missing" in server) throw new Error(server.missing);
    try {
      const quick = { attempts: 2, minDelayMs: 1, maxDelayMs: 2 };
      const store = testStore(server, { retry: quick });
      const body = patternBytes(1_000_003);
      const etag = await store.put("before", body);
      for (let round = 0; round < 2; round++) {
        await server.killGateway();
        await expect(store.get("before")).rejects.toThrow("ECONNREFUSED");
        await server.startGateway();
        expect(await store.get("before")).toMatchObject({ etag, body });
        expect(await store.create(`after/${round}`, body)).toBe(true);
        expect(await store.create(`after/${round}`, body)).toBe(false);
      }
    } finally {
      await server.stop();
    }
  },
);
