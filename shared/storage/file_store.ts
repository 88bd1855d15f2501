/**
 * A store in a folder. An object is a file; what is visible under a key is always whole.
 *
 * Other than in a bucket, `a` and `a/b` cannot both be objects. Symbolic links are followed only to
 * what lies inside the folder, and never to folders while listing.
 * @module
 */
import { createHash } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { CaseError } from "../case_error.ts";
import { checkRange, clampRange } from "./byte_range.ts";
import {
  ensureFolder,
  removeQuietly,
  syncFolder,
  writeDurably,
} from "./durable_file.ts";
import { fileFailure, isMissing, isReadOnly } from "./file_failure.ts";
import { checkKey, checkPrefix, temporaryName } from "./key.ts";
import { foldersIn, listFolder } from "./list_folder.ts";
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
import { storageError, type StorageTask, tooLarge } from "./storage_error.ts";

const CHUNK_BYTES = 1 << 20;

export class FileStore implements ObjectStore {
  readonly location: string;
  readonly #root: string;
  /** A folder that was there is not made again: it was moved, or its drive is not mounted any more. */
  #wasThere = false;

  /** @param folder need not exist: without it there are no objects, and the first write makes it. */
  constructor(folder: string) {
    this.#root = resolve(folder);
    this.location = pathToFileURL(this.#root).href;
  }

  /** The ETag is the sha256 of the whole content, so the whole file is read even for a range of it. */
  async get(
    key: string,
    options: GetOptions = {},
  ): Promise<StoredObject | null> {
    checkRange(options.range);
    return await this.#read(this.#task("read", key), options);
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectHead | null> {
    const range = { start: 0, end: 0 };
    const object = await this.#read(this.#task("look at", key), {
      range,
      ...(signal && { signal }),
    });
    if (object === null) return null;
    const { body: _body, ...head } = object;
    return head;
  }

  async peek(
    key: string,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<ObjectStart | null> {
    const range = { start: 0, end: maxBytes };
    checkRange(range);
    const task = this.#task("read", key);
    return await this.#open(task, signal, async (file, { size }) => {
      const { end } = clampRange(range, size);
      const body = new Uint8Array(end);
      if (!await readPart(file, 0, body, signal)) throw becameShorter(task);
      return { bytes: size, body };
    });
  }

  async put(
    key: string,
    body: Uint8Array<ArrayBuffer>,
    options: PutOptions = {},
  ): Promise<string> {
    const task = this.#task("write", key);
    await this.#write(task, body, Deno.rename, options.signal);
    return createHash("sha256").update(body).digest("hex");
  }

  async create(
    key: string,
    body: Uint8Array<ArrayBuffer>,
    options: PutOptions = {},
  ): Promise<boolean> {
    const task = this.#task("create", key);
    try {
      // A hard link appears whole or not at all, and never replaces what is there.
      await this.#write(task, body, Deno.link, options.signal);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return false;
      throw error;
    }
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    const task = this.#task("delete", key);
    signal?.throwIfAborted();
    try {
      const path = join(this.#root, key);
      const inside = await this.#realPathInside(task, dirname(path));
      if (inside === null || (await Deno.lstat(path)).isDirectory) return;
      await Deno.remove(path);
    } catch (error) {
      if (!isMissing(error)) throw fileFailure(task, error);
    }
  }

  async *list(
    prefix: string,
    options: ListOptions = {},
  ): AsyncIterable<ObjectInfo> {
    checkPrefix(prefix);
    const task: StorageTask = {
      operation: "list",
      location: this.location,
      key: prefix,
    };
    try {
      const real = await this.#realRoot();
      yield* listFolder(real, prefix, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isMissing(error)) throw fileFailure(task, error);
    }
  }

  async *folders(
    prefix: string,
    options: ListOptions = {},
  ): AsyncIterable<string> {
    checkPrefix(prefix);
    const { location } = this;
    const task: StorageTask = { operation: "list", location, key: prefix };
    try {
      const real = await this.#realRoot();
      yield* foldersIn(real, prefix, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isMissing(error)) throw fileFailure(task, error);
    }
  }

  /**
   * The file system's clock, which on a network drive is another machine's: the time of a file made for this and
   * removed again. Where none can be made, as the folder is not there yet or is only to be read, this machine's.
   */
  async now(signal?: AbortSignal): Promise<Date> {
    signal?.throwIfAborted();
    const path = join(this.#root, temporaryName());
    try {
      using file = await Deno.open(path, { write: true, createNew: true });
      return (await file.stat()).mtime ?? new Date();
    } catch (error) {
      if (isMissing(error) || isReadOnly(error)) return new Date();
      const { location } = this;
      const task = { operation: "look at", location, key: "" } as const;
      throw fileFailure(task, error);
    } finally {
      await removeQuietly(path);
    }
  }

  #task(operation: StorageTask["operation"], key: string): StorageTask {
    checkKey(key);
    return { operation, location: this.location, key };
  }

  async #realRoot(): Promise<string> {
    const real = await Deno.realPath(this.#root);
    this.#wasThere = true;
    return real;
  }

  /** The path with every link resolved, or null when nothing is there. */
  async #realPathInside(
    task: StorageTask,
    path: string,
  ): Promise<string | null> {
    try {
      const root = await this.#realRoot();
      const real = await Deno.realPath(path);
      if (real === root || real.startsWith(root === "/" ? "/" : `${root}/`)) {
        return real;
      }
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
    throw storageError(
      task,
      "unreadable",
      "a symbolic link on its path leads out of the folder",
    );
  }

  async #read(
    task: StorageTask,
    { range, maxBytes = Infinity, isPart = false, signal }: GetOptions,
  ): Promise<StoredObject | null> {
    return await this.#open(task, signal, async (file, info) => {
      const { size, mtime } = info;
      const { start, end } = clampRange(range, size);
      if (end - start > maxBytes) throw tooLarge(task, end - start, maxBytes);
      const body = new Uint8Array(end - start);
      const etag = isPart
        ? await readPart(file, start, body, signal) ? versionOf(info) : null
        : await readAndHash(file, size, start, body, signal);
      if (etag === null) throw becameShorter(task);
      const modifiedAt = mtime ?? new Date(0);
      return { key: task.key, bytes: size, modifiedAt, etag, body };
    });
  }

  /** Reads from the key's file by `read`; null when there is none. */
  async #open<T>(
    task: StorageTask,
    signal: AbortSignal | undefined,
    read: (file: Deno.FsFile, info: Deno.FileInfo) => Promise<T>,
  ): Promise<T | null> {
    signal?.throwIfAborted();
    try {
      const path = await this.#realPathInside(task, join(this.#root, task.key));
      // Asked before opening: opening a pipe would wait for its other end.
      if (path === null || !(await Deno.stat(path)).isFile) return null;
      using file = await Deno.open(path);
      return await read(file, await file.stat());
    } catch (error) {
      signal?.throwIfAborted();
      if (isMissing(error)) return null;
      throw fileFailure(task, error);
    }
  }

  /** Writes beside the key under a temporary name, then shows it under the key by `show`. */
  async #write(
    task: StorageTask,
    body: Uint8Array<ArrayBuffer>,
    show: (from: string, to: string) => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    signal?.throwIfAborted();
    const path = join(this.#root, task.key);
    const folder = dirname(path);
    const temporary = join(folder, temporaryName());
    try {
      await ensureFolder(folder, this.#root, !this.#wasThere);
      await this.#realPathInside(task, folder);
      try {
        await writeDurably(temporary, body);
        signal?.throwIfAborted();
        await show(temporary, path);
      } finally {
        await removeQuietly(temporary);
      }
      await syncFolder(folder);
    } catch (error) {
      signal?.throwIfAborted();
      if (
        task.operation === "create" &&
        error instanceof Deno.errors.AlreadyExists
      ) {
        throw error;
      }
      throw fileFailure(task, error);
    }
  }
}

function becameShorter(task: StorageTask): CaseError {
  return storageError(task, "storage", "it became shorter while it was read");
}

/** Fills `body` from `start` on; returns whether the file was long enough. */
async function readPart(
  file: Deno.FsFile,
  start: number,
  body: Uint8Array<ArrayBuffer>,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  await file.seek(start, Deno.SeekMode.Start);
  for (let read = 0; read < body.length;) {
    signal?.throwIfAborted();
    const count = await file.read(body.subarray(read));
    if (count === null) return false;
    read += count;
  }
  return true;
}

/** Another one once the file was written anew. */
function versionOf({ size, mtime, ino }: Deno.FileInfo): string {
  return `${size}-${mtime?.getTime() ?? 0}-${ino ?? 0}`;
}

/** Reads `size` bytes, keeps those from `start` on that fit into `body`; null when the file ends early. */
async function readAndHash(
  file: Deno.FsFile,
  size: number,
  start: number,
  body: Uint8Array<ArrayBuffer>,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const hash = createHash("sha256");
  const chunk = new Uint8Array(Math.max(1, Math.min(CHUNK_BYTES, size)));
  for (let position = 0; position < size;) {
    signal?.throwIfAborted();
    const count = await file.read(
      chunk.subarray(0, Math.min(chunk.length, size - position)),
    );
    if (count === null) return null;
    hash.update(chunk.subarray(0, count));
    const from = Math.max(start, position);
    const to = Math.min(start + body.length, position + count);
    if (from < to) {
      body.set(chunk.subarray(from - position, to - position), from - start);
    }
    position += count;
  }
  return hash.digest("hex");
}
