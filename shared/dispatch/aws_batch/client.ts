/**
 * The AWS SDK for Batch, set up for Deno. Imported only when AWS Batch is used.
 * @module
 */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Batch, type BatchClientConfig } from "@aws-sdk/client-batch";
import { NodeHttpHandler } from "@smithy/node-http-handler";

const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 30_000;

export type BatchAccess = Pick<
  BatchClientConfig,
  "region" | "endpoint" | "credentials"
>;

/** Credentials, and the endpoint where none is given, come from where AWS's own tools look. */
export function createBatchClient(access: BatchAccess): Batch {
  // Deno sends a request anew when a kept connection breaks, which would submit a job twice.
  const agent = { keepAlive: false };
  return new Batch({
    ...access,
    // One retry loop: the dispatcher's, which looks for the job before it submits again.
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
    }),
  });
}
