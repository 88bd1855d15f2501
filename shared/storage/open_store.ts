/**
 * From the name of a store to the store.
 * @module
 */
import { FileStore } from "./file_store.ts";
import { parseLocation } from "./location.ts";
import type { ObjectStore } from "./object_store.ts";
import { readS3Settings } from "./s3_settings.ts";
import { S3Store } from "./s3_store.ts";

export interface OpenStoreOptions {
  /** Where settings and credentials of S3 stand. @default {the process's environment} */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What settings of S3 are where the environment says nothing. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** Absolute folder that relative paths start from. @default {the working folder} */
  readonly base?: string;
}

/**
 * Opens the store that a location names. Nothing is read or reached yet.
 *
 * @throws {SyntaxError} when the location names no store, or the environment holds nonsense.
 */
export function openStore(
  location: string,
  { env, defaults = {}, base = Deno.cwd() }: OpenStoreOptions = {},
): ObjectStore {
  const parsed = parseLocation(location, base);
  if (parsed.kind === "file") return new FileStore(parsed.path);
  const settings = readS3Settings((name) =>
    (env === undefined ? Deno.env.get(name) : env[name]) || defaults[name]
  );
  return new S3Store(parsed.bucket, parsed.prefix, settings);
}
