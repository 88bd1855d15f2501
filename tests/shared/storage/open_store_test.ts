import { expect } from "@std/expect";
import { FileStore } from "../../../shared/storage/file_store.ts";
import { openStore } from "../../../shared/storage/open_store.ts";
import { S3Store } from "../../../shared/storage/s3_store.ts";

Deno.test("openStore() opens folders, relative to the base", () => {
  const store = openStore("out", { base: "/home/me" });
  expect(store).toBeInstanceOf(FileStore);
  expect(store.location).toBe("file:///home/me/out");
});

Deno.test("openStore() opens buckets with the environment it is given", () => {
  const store = openStore("s3://bucket/a/b/", { env: {} });
  expect(store).toBeInstanceOf(S3Store);
  expect(store.location).toBe("s3://bucket/a/b");
  const nonsense = { env: { AWS_ENDPOINT_URL: "nonsense" } };
  expect(() => openStore("s3://bucket", nonsense)).toThrow(SyntaxError);
  expect(() => openStore("s3://", { env: {} })).toThrow(SyntaxError);
});
