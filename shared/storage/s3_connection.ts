/**
 * One bucket: the client, made when it is first needed, and the retry loop around every request.
 * @module
 */
import type { HeadObjectCommandOutput, S3 } from "@aws-sdk/client-s3";
import { getLogger } from "@logtape/logtape";
import pRetry from "p-retry";
import type { ObjectHead } from "./object_store.ts";
import { explain, isTransient, s3Failure, s3Problem } from "./s3_failure.ts";
import type { S3Settings } from "./s3_settings.ts";
import { serverClock } from "./server_clock.ts";
import { StallGuard } from "./stall_guard.ts";
import { storageError, type StorageTask } from "./storage_error.ts";

/** Shorter waits are not worth a line in the log. */
const TELL_WAITS_FROM_MS = 1000;

const log = getLogger(["uptake", "storage"]);

/** A body that is sent at this speed does not count as stalled. */
const SLOWEST_UPLOAD_BYTES_PER_MS = 100;

export interface RequestOptions {
  readonly signal: AbortSignal | undefined;
  /** Size of the body that is sent. @default {0} */
  readonly bodyBytes?: number;
  /** Is this an error with a meaning for the caller? It is thrown as the SDK made it. */
  readonly expected?: (code: string, status: number | undefined) => boolean;
}

/** Sends one request. `options` are for the SDK; the guard is to be told of every byte that arrives. */
export type Send<T> = (
  s3: S3,
  options: { readonly abortSignal: AbortSignal },
  guard: StallGuard,
) => Promise<T>;

export class S3Connection {
  readonly bucket: string;
  readonly settings: S3Settings;
  /** False once an ETag of this server that looks like an MD5 turned out to be none. */
  etagsAreMd5 = true;
  #client: Promise<S3> | undefined;
  #bucketIsThere = false;
  readonly #clock = serverClock();

  constructor(bucket: string, settings: S3Settings) {
    this.bucket = bucket;
    this.settings = settings;
  }

  /** Sends a request until it succeeds, its error is lasting, or the attempts are used up. */
  async request<T>(
    task: StorageTask,
    { signal, bodyBytes = 0, expected = () => false }: RequestOptions,
    send: Send<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    this.#client ??= import("./s3_client.ts")
      .then(({ createS3Client }) =>
        createS3Client(this.settings, this.#clock.hear)
      );
    const s3 = await this.#client;
    const { retry, idleTimeoutMs } = this.settings;
    const graceMs = bodyBytes / SLOWEST_UPLOAD_BYTES_PER_MS;
    let tried = 0;
    const attempt = async () => {
      tried++;
      using guard = new StallGuard(idleTimeoutMs, graceMs, signal);
      try {
        return await send(s3, { abortSignal: guard.signal }, guard);
      } catch (error) {
        guard.throwIfStalled();
        throw error;
      }
    };
    try {
      return await pRetry(attempt, {
        retries: retry.attempts - 1,
        factor: 2,
        minTimeout: retry.minDelayMs,
        maxTimeout: retry.maxDelayMs,
        randomize: true,
        ...(signal && { signal }),
        shouldRetry: ({ error }) => isTransient(error),
        onFailedAttempt: ({ error, retryDelay }) =>
          tellWait(task, error, retryDelay),
      });
    } catch (error) {
      signal?.throwIfAborted();
      const { code, status } = s3Problem(error);
      if (expected(code, status)) throw error;
      throw s3Failure(task, error, tried);
    }
  }

  /** What is known of an object, or null when there is none. */
  async head(
    task: StorageTask,
    objectKey: string,
    signal: AbortSignal | undefined,
  ): Promise<ObjectHead | null> {
    let answer: HeadObjectCommandOutput;
    try {
      answer = await this.request(
        task,
        { signal, expected: (_code, status) => status === 404 },
        (s3, options) =>
          s3.headObject({ Bucket: this.bucket, Key: objectKey }, options),
      );
    } catch (error) {
      if (s3Problem(error).status !== 404) throw error;
      await this.#checkBucket(task, signal);
      return null;
    }
    this.#bucketIsThere = true;
    return {
      key: task.key,
      bytes: answer.ContentLength ?? 0,
      modifiedAt: answer.LastModified ?? new Date(0),
      etag: plainEtag(answer.ETag),
    };
  }

  /** The server's clock; asks for an answer only when none has come yet. */
  async now(task: StorageTask, signal: AbortSignal | undefined): Promise<Date> {
    signal?.throwIfAborted();
    if (this.#clock.now() === null) await this.#anyAnswer(task, signal);
    const now = this.#clock.now();
    if (now === null) {
      throw storageError(task, "configuration", "its answers tell no time");
    }
    return now;
  }

  async #anyAnswer(
    task: StorageTask,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    try {
      await this.request(
        task,
        { signal, expected: (_code, status) => status !== undefined },
        (s3, options) => s3.headBucket({ Bucket: this.bucket }, options),
      );
    } catch (error) {
      // A refusal carries the time as well.
      if (s3Problem(error).status === undefined) throw error;
    }
  }

  /** The answer to HEAD has no body that would tell a missing bucket from a missing key. */
  async #checkBucket(
    task: StorageTask,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (this.#bucketIsThere) return;
    try {
      await this.request(
        task,
        // Who may not ask about the bucket was still told that the key is not there.
        {
          signal,
          expected: (_code, status) => status === 404 || status === 403,
        },
        (s3, options) => s3.headBucket({ Bucket: this.bucket }, options),
      );
    } catch (error) {
      const { status } = s3Problem(error);
      if (status === 404) {
        throw storageError(task, "configuration", "there is no such bucket");
      }
      if (status !== 403) throw error;
    }
    this.#bucketIsThere = true;
  }
}

/** ETags travel in quotes, and in lists of them perhaps marked as weak. */
export function plainEtag(etag: string | undefined): string {
  return (etag ?? "").replace(/^(?:W\/)?"(.*)"$/, "$1");
}

function tellWait(task: StorageTask, error: unknown, delayMs: number): void {
  if (delayMs < TELL_WAITS_FROM_MS) return;
  log.warn(
    "Cannot {operation} in {location}: {problem}; trying again in {seconds} s",
    {
      operation: task.operation,
      location: task.location,
      problem: explain(error).problem,
      seconds: (delayMs / 1000).toFixed(1),
    },
  );
}
