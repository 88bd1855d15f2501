import {
  readS3Settings,
  type S3Settings,
} from "../../shared/storage/s3_settings.ts";
import { S3Store } from "../../shared/storage/s3_store.ts";
import type { S3Server } from "./s3_server.ts";

/** A fresh prefix in the tests' bucket; `changes` to the settings, such as an endpoint in front of it. */
export function testStore(
  server: S3Server,
  changes: Partial<S3Settings> = {},
  prefix = `tests/${crypto.randomUUID()}`,
): S3Store {
  return new S3Store(server.bucket, prefix, {
    ...testSettings(server),
    // A server that died must not hold up the tests for minutes.
    retry: { attempts: 5, minDelayMs: 100, maxDelayMs: 1000 },
    ...changes,
  });
}

export function testSettings(server: S3Server): S3Settings {
  const env: Record<string, string> = {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ACCESS_KEY_ID: server.accessKey,
    AWS_SECRET_ACCESS_KEY: server.secretKey,
  };
  return readS3Settings((name) => env[name]);
}
