/**
 * Writing to a bucket: in one request, or in parts where the body is large.
 * @module
 */
import { createHash } from "node:crypto";
import {
  plainEtag,
  type RequestOptions,
  type S3Connection,
} from "./s3_connection.ts";
import { s3Problem } from "./s3_failure.ts";
import { storageError, type StorageTask } from "./storage_error.ts";

const MIB = 1 << 20;

/** Larger bodies are sent in parts, so that a broken connection costs one part. */
export const LARGEST_SINGLE_PUT_BYTES = 16 * MIB;

/** What must be created conditionally goes in one request, whatever a broken connection costs. */
export const LARGEST_CREATE_BYTES = 512 * MIB;

/** All parts but the last have this size: some servers ask for equal ones. */
const PART_BYTES = 8 * MIB;

const PARTS_AT_ONCE = 4;

/** One object to write; `Key` is whole, with the store's prefix. */
export interface Upload {
  readonly target: { readonly Bucket: string; readonly Key: string };
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Only if there is no object; `expected` as in {@linkcode RequestOptions}. */
export interface Condition {
  readonly IfNoneMatch: "*";
  readonly expected: NonNullable<RequestOptions["expected"]>;
}

/** Writes the object in one request and returns its ETag. */
export async function putWhole(
  connection: S3Connection,
  task: StorageTask,
  { target, body, contentType, signal }: Upload,
  condition?: Condition,
): Promise<string> {
  const input = {
    ...target,
    Body: body,
    ContentMD5: md5(body),
    ...(contentType !== undefined && { ContentType: contentType }),
    ...(condition && { IfNoneMatch: condition.IfNoneMatch }),
  };
  const answer = await connection.request(
    task,
    {
      signal,
      bodyBytes: body.length,
      ...(condition && { expected: condition.expected }),
    },
    (s3, options) => s3.putObject(input, options),
  );
  return plainEtag(answer.ETag);
}

/** Sends the object with the checksum of other bytes; false when the server takes it. */
export async function isWrongChecksumRefused(
  connection: S3Connection,
  task: StorageTask,
  { target, body, signal }: Upload,
): Promise<boolean> {
  const isRefusal = (code: string) => code === "BadDigest";
  const ContentMD5 = md5(Uint8Array.of(...body, 1));
  try {
    await connection.request(
      task,
      { signal, bodyBytes: body.length, expected: isRefusal },
      (s3, options) =>
        s3.putObject({ ...target, Body: body, ContentMD5 }, options),
    );
    return false;
  } catch (error) {
    if (isRefusal(s3Problem(error).code)) return true;
    throw error;
  }
}

interface Part {
  readonly PartNumber: number;
  readonly ETag: string;
}

/** Writes the object in parts and returns its ETag; on failure what was sent is discarded. */
export async function putInParts(
  connection: S3Connection,
  task: StorageTask,
  upload: Upload,
): Promise<string> {
  const { target, contentType, signal } = upload;
  const input = {
    ...target,
    ...(contentType !== undefined && { ContentType: contentType }),
  };
  const { UploadId } = await connection.request(
    task,
    { signal },
    (s3, options) => s3.createMultipartUpload(input, options),
  );
  if (UploadId === undefined) {
    throw storageError(
      task,
      "storage",
      "the server opened no multipart upload",
    );
  }
  const session = { ...target, UploadId };
  try {
    const parts = await sendParts(connection, task, upload, session);
    return await complete(connection, task, upload, session, parts);
  } catch (error) {
    await abandon(connection, task, session);
    throw error;
  }
}

interface Session {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

async function sendParts(
  connection: S3Connection,
  task: StorageTask,
  { body, signal }: Upload,
  session: Session,
): Promise<Part[]> {
  const count = Math.ceil(body.length / PART_BYTES);
  const parts = new Array<Part>(count);
  const stop = new AbortController();
  const either = AbortSignal.any(
    signal ? [signal, stop.signal] : [stop.signal],
  );
  let next = 0;
  async function lane(): Promise<void> {
    while (next < count) {
      const index = next++;
      const bytes = body.subarray(index * PART_BYTES, (index + 1) * PART_BYTES);
      const input = {
        ...session,
        PartNumber: index + 1,
        Body: bytes,
        ContentMD5: md5(bytes),
      };
      const { ETag = "" } = await connection.request(
        task,
        { signal: either, bodyBytes: bytes.length },
        (s3, options) => s3.uploadPart(input, options),
      );
      parts[index] = { PartNumber: index + 1, ETag };
    }
  }
  const lanes = Array.from(
    { length: Math.min(PARTS_AT_ONCE, count) },
    () =>
      lane().catch((error) => {
        stop.abort(error);
        throw error;
      }),
  );
  // Every lane has ended before the caller may abandon the upload; the first failure is the one told.
  await Promise.allSettled(lanes);
  stop.signal.throwIfAborted();
  return parts;
}

async function complete(
  connection: S3Connection,
  task: StorageTask,
  { target, body, signal }: Upload,
  session: Session,
  parts: Part[],
): Promise<string> {
  try {
    const input = { ...session, MultipartUpload: { Parts: parts } };
    const answer = await connection.request(
      task,
      { signal, expected: (code) => code === "NoSuchUpload" },
      (s3, options) => s3.completeMultipartUpload(input, options),
    );
    const etag = plainEtag(answer.ETag);
    if (etag !== "") return etag;
  } catch (error) {
    if (s3Problem(error).code !== "NoSuchUpload") throw error;
  }
  // Some servers leave the ETag out of the answer; or the answer to an earlier attempt was lost, and the object
  // itself tells whether that one completed it.
  const head = await connection.head(task, target.Key, signal);
  if (head?.bytes === body.length && head.etag.endsWith(`-${parts.length}`)) {
    return head.etag;
  }
  throw storageError(task, "storage", "the server lost the multipart upload");
}

async function abandon(
  connection: S3Connection,
  task: StorageTask,
  session: Session,
): Promise<void> {
  try {
    await connection.request(
      task,
      { signal: undefined },
      (s3, options) => s3.abortMultipartUpload(session, options),
    );
  } catch {
    // The failure of the upload itself is told; the bucket's lifecycle rule removes the parts.
  }
}

/** Sent with every body: the one checksum that all servers check. */
function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("base64");
}
