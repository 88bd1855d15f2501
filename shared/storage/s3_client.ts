/**
 * The AWS SDK, set up for S3-compatible servers and for Deno. Imported only when a bucket is used.
 * @module
 */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { S3 } from "@aws-sdk/client-s3";
import {
  NodeHttpHandler,
  type NodeHttpHandlerOptions,
} from "@smithy/node-http-handler";
import type { S3Settings } from "./s3_settings.ts";

const CONNECT_TIMEOUT_MS = 5_000;

/** @param onDate is told the `Date` header of every answer, also of refusals. */
export function createS3Client(
  settings: S3Settings,
  onDate: (date: string | undefined) => void = () => {},
): S3 {
  // Deno sends a request anew, whatever its method, when a connection it reuses breaks, and its kept
  // connections delay the end of the process by seconds. So none is kept.
  const agent = { keepAlive: false };
  return new S3({
    region: settings.region,
    forcePathStyle: settings.pathStyle,
    ...(settings.endpoint !== undefined && { endpoint: settings.endpoint }),
    ...(settings.credentials && { credentials: settings.credentials }),
    // One retry loop for requests and for what comes after them: ours.
    maxAttempts: 1,
    // Other servers reject the newer checksums; Content-MD5, which all of them check, is sent instead.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    expectContinueHeader: false,
    requestHandler: new DatedHttpHandler({
      connectionTimeout: CONNECT_TIMEOUT_MS,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
    }, onDate),
  });
}

class DatedHttpHandler extends NodeHttpHandler {
  readonly #onDate: (date: string | undefined) => void;

  constructor(
    options: NodeHttpHandlerOptions,
    onDate: (date: string | undefined) => void,
  ) {
    super(options);
    this.#onDate = onDate;
  }

  override async handle(
    ...request: Parameters<NodeHttpHandler["handle"]>
  ): ReturnType<NodeHttpHandler["handle"]> {
    const answer = await super.handle(...request);
    this.#onDate(answer.response.headers.date);
    return answer;
  }
}
