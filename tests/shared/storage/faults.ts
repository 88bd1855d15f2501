/**
 * Stores behind a proxy that does to their requests what networks do.
 * @module
 */
import type { S3Settings } from "../../../shared/storage/s3_settings.ts";
import type { S3Store } from "../../../shared/storage/s3_store.ts";
import { type Fault, FaultProxy } from "../../support/fault_proxy.ts";
import { type S3Server, testWithS3 } from "../../support/s3_server.ts";
import { testStore } from "../../support/s3_store.ts";
import { patternBytes } from "./contents.ts";

export const MIB = 1 << 20;
export const BODY = patternBytes(MIB + 3);

/**
 * Waits so short that a test of retries takes no time. Stalls are noticed as late as by default: a server that is
 * only slow must not look like one that stalls.
 */
const QUICK: Partial<S3Settings> = {
  retry: { attempts: 4, minDelayMs: 5, maxDelayMs: 20 },
};

export interface Ways {
  readonly server: S3Server;
  readonly proxy: FaultProxy;
  /** Through the proxy. */
  readonly store: S3Store;
  /** The same objects, past the proxy. */
  readonly direct: S3Store;
}

/** @param changes to the settings of the store behind the proxy */
export function faultTest(
  name: string,
  fn: (ways: Ways) => Promise<void>,
  changes: Partial<S3Settings> = {},
): void {
  testWithS3(`S3Store ${name}`, async (server) => {
    await using proxy = new FaultProxy(server.endpoint);
    const prefix = `tests/${crypto.randomUUID()}`;
    const direct = testStore(server, {}, prefix);
    const { endpoint } = proxy;
    const store = testStore(server, { ...QUICK, ...changes, endpoint }, prefix);
    await fn({ server, proxy, store, direct });
  });
}

/** What the call throws. */
export async function failureOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it did not fail");
}

export function errorAnswer(status: number, code: string): Fault {
  const body =
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>planned</Message></Error>`;
  return { kind: "answer", status, body };
}
