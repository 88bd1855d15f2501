/**
 * Reading from a bucket, going on where a broken connection left off.
 * @module
 */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { GetObjectCommandOutput, S3 } from "@aws-sdk/client-s3";
import { CaseError } from "../case_error.ts";
import { clampRange } from "./byte_range.ts";
import type { GetOptions, ObjectHead, StoredObject } from "./object_store.ts";
import { plainEtag, type S3Connection } from "./s3_connection.ts";
import { s3Problem } from "./s3_failure.ts";
import type { StallGuard } from "./stall_guard.ts";
import { storageError, type StorageTask, tooLarge } from "./storage_error.ts";

/** An object that is replaced again and again while it is read is given up. */
const MAX_REPLACED = 5;

/** An object that is another one each time it is read is given up. */
const MAX_READINGS = 4;

/** What is to be read; `Key` is whole, with the store's prefix. */
export interface Wanted {
  readonly task: StorageTask;
  readonly target: { readonly Bucket: string; readonly Key: string };
  readonly options: GetOptions;
}

/** What has been received so far of one version of the object. */
interface Progress {
  readonly head: ObjectHead;
  /** As the server wrote it, for the condition of the next request. */
  readonly rawEtag: string;
  /** What the whole content's MD5 should be, where the ETag tells it. */
  readonly md5: string | null;
  /** Offset of the body's first byte in the object. */
  readonly start: number;
  readonly body: Uint8Array<ArrayBuffer>;
  received: number;
}

/** Reads an object or a range of it; null when there is none. */
export async function download(
  connection: S3Connection,
  wanted: Wanted,
): Promise<StoredObject | null> {
  const { range, signal } = wanted.options;
  if (range !== undefined && range.start === range.end) {
    return await emptyRange(connection, wanted);
  }
  let progress: Progress | null = null;
  const damagedMd5s: string[] = [];
  for (let replaced = 0; replaced <= MAX_REPLACED;) {
    try {
      // Each request ends when the object is whole or its connection broke after some bytes came:
      // only requests that bring nothing count as failed attempts.
      const before: Progress | null = progress;
      progress = await connection.request<Progress | null>(
        wanted.task,
        { signal, expected: tellsOfTheObject },
        (s3, request, guard) => receiveSome(s3, request, guard, wanted, before),
      );
      if (progress === null) replaced++;
      else if (progress.received === progress.body.length) {
        if (isTrusted(connection, wanted.task, progress, damagedMd5s)) {
          return { ...progress.head, body: progress.body };
        }
        progress = null;
      }
    } catch (error) {
      const { code, status } = s3Problem(error);
      if (code === "NoSuchKey") return null;
      if (status === 416) return await emptyRange(connection, wanted);
      if (status !== 412) throw error;
      replaced++;
      progress = null;
    }
  }
  throw storageError(
    wanted.task,
    "storage",
    "it was replaced again and again while it was read",
  );
}

/**
 * Is this the content that the server holds? What differs from its MD5 is read again: if it comes out the same,
 * then the ETag is no MD5, as of objects under some kinds of encryption, and the content is taken as it is.
 *
 * @param damagedMd5s of earlier readings that differed; this one's is added.
 */
function isTrusted(
  connection: S3Connection,
  task: StorageTask,
  { md5, body }: Progress,
  damagedMd5s: string[],
): boolean {
  if (md5 === null || !connection.etagsAreMd5) return true;
  const actual = createHash("md5").update(body).digest("hex");
  if (actual === md5) return true;
  if (damagedMd5s.includes(actual)) {
    connection.etagsAreMd5 = false;
    return true;
  }
  damagedMd5s.push(actual);
  if (damagedMd5s.length < MAX_READINGS) return false;
  throw storageError(
    task,
    "storage",
    `it came damaged on its way, in ${MAX_READINGS} readings each time otherwise`,
  );
}

/** There is none, it is not what was read before, or it has no such range. */
function tellsOfTheObject(code: string, status: number | undefined): boolean {
  return code === "NoSuchKey" || status === 412 || status === 416;
}

async function emptyRange(
  connection: S3Connection,
  { task, target, options }: Wanted,
): Promise<StoredObject | null> {
  const head = await connection.head(task, target.Key, options.signal);
  return head === null ? null : { ...head, body: new Uint8Array(0) };
}

/** Null when the object is no longer the one that `before` holds the start of. */
async function receiveSome(
  s3: S3,
  request: { readonly abortSignal: AbortSignal },
  guard: StallGuard,
  { task, target, options: { range, maxBytes = Infinity } }: Wanted,
  before: Progress | null,
): Promise<Progress | null> {
  const first = before === null ? range?.start : before.start + before.received;
  const answer = await s3.getObject({
    ...target,
    ...(first !== undefined && {
      Range: `bytes=${first}-${range === undefined ? "" : range.end - 1}`,
    }),
    ...(before !== null && { IfMatch: before.rawEtag }),
  }, request);
  guard.moved();
  const { Body: body } = answer;
  if (!(body instanceof Readable)) {
    throw new TypeError("Cannot read the SDK's answer: its body is no stream");
  }
  try {
    const progress = before ?? start(task, answer, range, maxBytes);
    if (answer.ETag !== progress.rawEtag) return null;
    if ((first ?? 0) !== 0 && answer.ContentRange === undefined) {
      throw storageError(task, "configuration", "the server ignores ranges");
    }
    await receive(task, body, progress, guard);
    return progress;
  } finally {
    body.destroy();
  }
}

/** Makes room for what the first answer announces. */
function start(
  task: StorageTask,
  answer: GetObjectCommandOutput,
  range: GetOptions["range"],
  maxBytes: number,
): Progress {
  const total = answer.ContentRange?.match(/\/(\d+)$/)?.[1];
  const bytes = total === undefined ? answer.ContentLength : Number(total);
  const rawEtag = answer.ETag;
  if (bytes === undefined || rawEtag === undefined) {
    throw storageError(
      task,
      "storage",
      "the server does not tell its size and ETag",
    );
  }
  const clamped = clampRange(range, bytes);
  const length = clamped.end - clamped.start;
  if (length > maxBytes) throw tooLarge(task, length, maxBytes);
  return {
    head: {
      key: task.key,
      bytes,
      modifiedAt: answer.LastModified ?? new Date(0),
      etag: plainEtag(rawEtag),
    },
    rawEtag,
    md5: length === bytes ? md5Of(answer) : null,
    start: clamped.start,
    body: new Uint8Array(length),
    received: 0,
  };
}

/** The ETag of what was written in one request is its MD5 on most servers, unless they encrypt it by a key service. */
function md5Of(
  { ETag, ServerSideEncryption = "AES256", SSECustomerAlgorithm }:
    GetObjectCommandOutput,
): string | null {
  const etag = plainEtag(ETag);
  const isPlain = ServerSideEncryption === "AES256" &&
    SSECustomerAlgorithm === undefined && /^[0-9a-f]{32}$/.test(etag);
  return isPlain ? etag : null;
}

/** Takes bytes until the body ends or breaks; a break before any byte is thrown. */
async function receive(
  task: StorageTask,
  body: Readable,
  progress: Progress,
  guard: StallGuard,
): Promise<void> {
  const before = progress.received;
  try {
    for await (const chunk of body) {
      guard.moved();
      const bytes: unknown = chunk;
      if (!(bytes instanceof Uint8Array)) continue;
      if (progress.received + bytes.length > progress.body.length) {
        throw storageError(
          task,
          "storage",
          "the server sent more than it announced",
        );
      }
      progress.body.set(bytes, progress.received);
      progress.received += bytes.length;
    }
  } catch (error) {
    if (error instanceof CaseError || progress.received === before) throw error;
  }
  if (progress.received === before && before < progress.body.length) {
    throw new Error("the answer ended before its body");
  }
}
