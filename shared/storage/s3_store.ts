/**
 * A store in a bucket of S3 or of a server that speaks its protocol.
 * @module
 */
import type {
  ListObjectsV2CommandInput,
  ListObjectsV2CommandOutput,
} from "@aws-sdk/client-s3";
import { checkRange } from "./byte_range.ts";
import { checkKey, checkPrefix, compareUtf8, isKey } from "./key.ts";
import { formatLocation } from "./location.ts";
import type {
  GetOptions,
  ListOptions,
  ObjectHead,
  ObjectInfo,
  ObjectStart,
  ObjectStore,
  PutOptions,
  StoredObject,
} from "./object_store.ts";
import { plainEtag, S3Connection } from "./s3_connection.ts";
import { download } from "./s3_download.ts";
import { s3Failure, s3Problem } from "./s3_failure.ts";
import type { S3Settings } from "./s3_settings.ts";
import {
  isWrongChecksumRefused,
  LARGEST_CREATE_BYTES,
  LARGEST_SINGLE_PUT_BYTES,
  putInParts,
  putWhole,
  type Upload,
} from "./s3_upload.ts";
import type { StorageTask } from "./storage_error.ts";

export class S3Store implements ObjectStore {
  readonly location: string;
  readonly #connection: S3Connection;
  /** Empty, or with a slash at its end. */
  readonly #prefix: string;

  constructor(bucket: string, prefix: string, settings: S3Settings) {
    this.location = formatLocation({ kind: "s3", bucket, prefix });
    this.#connection = new S3Connection(bucket, settings);
    this.#prefix = prefix === "" ? "" : `${prefix}/`;
  }

  async get(
    key: string,
    options: GetOptions = {},
  ): Promise<StoredObject | null> {
    checkRange(options.range);
    const task = this.#task("read", key);
    const target = this.#target(key);
    return await download(this.#connection, { task, target, options });
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectHead | null> {
    const task = this.#task("look at", key);
    return await this.#connection.head(task, this.#prefix + key, signal);
  }

  async peek(
    key: string,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<ObjectStart | null> {
    const range = { start: 0, end: maxBytes };
    const object = await this.get(key, { range, ...(signal && { signal }) });
    return object && { bytes: object.bytes, body: object.body };
  }

  async put(
    key: string,
    body: Uint8Array<ArrayBuffer>,
    options: PutOptions = {},
  ): Promise<string> {
    const task = this.#task("write", key);
    const upload = this.#upload(key, body, options);
    return body.length > LARGEST_SINGLE_PUT_BYTES
      ? await putInParts(this.#connection, task, upload)
      : await putWhole(this.#connection, task, upload);
  }

  /**
   * One conditional request: `CompleteMultipartUpload` with a condition is not to be relied on, so a
   * body of more than 512 MiB is refused (RangeError).
   */
  async create(
    key: string,
    body: Uint8Array<ArrayBuffer>,
    options: PutOptions = {},
  ): Promise<boolean> {
    const task = this.#task("create", key);
    if (body.length > LARGEST_CREATE_BYTES) {
      throw new RangeError(
        `Cannot create ${this.location}/${key} of ${body.length} bytes in one request: at most ${LARGEST_CREATE_BYTES} are possible`,
      );
    }
    try {
      const upload = this.#upload(key, body, options);
      await putWhole(this.#connection, task, upload, {
        IfNoneMatch: "*",
        expected: (code, status) =>
          status === 412 || status === 409 || status === 501 ||
          code === "NotImplemented",
      });
      return true;
    } catch (error) {
      const { code, status } = s3Problem(error);
      if (status === 412) return false;
      if (status === 501 || code === "NotImplemented") {
        throw new Deno.errors.NotSupported(
          `Cannot create ${this.location}/${key} as the server has no conditional writes (${status} ${code})`,
        );
      }
      if (status !== 409) throw error;
      // Others kept writing the same key at the same time: whoever won, it stands there now.
      if (await this.head(key, options.signal) !== null) return false;
      throw s3Failure(task, error, this.#connection.settings.retry.attempts);
    }
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    const task = this.#task("delete", key);
    const target = this.#target(key);
    try {
      await this.#connection.request(
        task,
        { signal, expected: (code) => code === "NoSuchKey" },
        (s3, options) => s3.deleteObject(target, options),
      );
    } catch (error) {
      if (s3Problem(error).code !== "NoSuchKey") throw error;
    }
  }

  /** Leaves out what {@linkcode isKey} refuses, such as the markers that some tools make for folders. */
  async *list(
    prefix: string,
    options: ListOptions = {},
  ): AsyncIterable<ObjectInfo> {
    for await (const { Contents = [] } of this.#pages(prefix, options)) {
      for (const { Key, Size, LastModified, ETag } of Contents) {
        const key = Key?.slice(this.#prefix.length) ?? "";
        if (!isKey(key)) continue;
        yield {
          key,
          bytes: Size ?? 0,
          modifiedAt: LastModified ?? new Date(0),
          ...(ETag !== undefined && { etag: plainEtag(ETag) }),
        };
      }
    }
  }

  /** One request for a thousand of them, however much is in them. */
  async *folders(
    prefix: string,
    options: ListOptions = {},
  ): AsyncIterable<string> {
    const { startAfter = "" } = options;
    const pages = this.#pages(prefix, options, { Delimiter: "/" });
    for await (const { CommonPrefixes = [] } of pages) {
      for (const { Prefix = "" } of CommonPrefixes) {
        const folder = Prefix.slice(this.#prefix.length);
        const name = folder.slice(prefix.length, -1);
        // Servers differ on the folder that the text itself is in.
        if (isKey(name) && compareUtf8(folder, startAfter) > 0) yield name;
      }
    }
  }

  async *#pages(
    prefix: string,
    { startAfter, signal }: ListOptions,
    how: Pick<ListObjectsV2CommandInput, "Delimiter"> = {},
  ): AsyncIterable<ListObjectsV2CommandOutput> {
    checkPrefix(prefix);
    const task: StorageTask = {
      operation: "list",
      location: this.location,
      key: prefix,
    };
    const input: ListObjectsV2CommandInput = {
      ...how,
      Bucket: this.#connection.bucket,
      Prefix: this.#prefix + prefix,
      ...(startAfter !== undefined && {
        StartAfter: this.#prefix + startAfter,
      }),
    };
    let token: string | undefined;
    do {
      const next = token === undefined ? {} : { ContinuationToken: token };
      const page: ListObjectsV2CommandOutput = await this.#connection.request(
        task,
        { signal },
        (s3, options) => s3.listObjectsV2({ ...input, ...next }, options),
      );
      yield page;
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /**
   * Does the server refuse a body that does not match the checksum sent with it? Where it does not, it
   * writes the object. For probing: nothing is tried twice.
   */
  async refusesWrongChecksum(
    key: string,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const task = this.#task("write", key);
    const { bucket, settings } = this.#connection;
    const retry = { ...settings.retry, attempts: 1 };
    const once = new S3Connection(bucket, { ...settings, retry });
    const upload = this.#upload(key, new Uint8Array(1), signal && { signal });
    return await isWrongChecksumRefused(once, task, upload);
  }

  /** From the `Date` headers of the server's answers; costs a request only before the first answer. */
  async now(signal?: AbortSignal): Promise<Date> {
    const { location } = this;
    const task = { operation: "look at", location, key: "" } as const;
    return await this.#connection.now(task, signal);
  }

  #task(operation: StorageTask["operation"], key: string): StorageTask {
    checkKey(key);
    return { operation, location: this.location, key };
  }

  #target(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#connection.bucket, Key: this.#prefix + key };
  }

  #upload(
    key: string,
    body: Uint8Array<ArrayBuffer>,
    { contentType, signal }: PutOptions = {},
  ): Upload {
    return { target: this.#target(key), body, contentType, signal };
  }
}
