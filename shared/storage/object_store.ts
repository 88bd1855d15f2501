/**
 * Where objects live. One interface, two stores: a folder and an S3-compatible bucket.
 * Keys are relative to the store's root, `/`-separated, never starting with `/`.
 * @module
 */

/** What a store knows of an object without reading it. */
export interface ObjectInfo {
  readonly key: string;
  readonly bytes: number;
  /** When it was last written, by the store's own clock. */
  readonly modifiedAt: Date;
  /** As in {@linkcode ObjectHead}, in listings that tell it: those of buckets do, those of folders do not. */
  readonly etag?: string;
}

/** What a store knows of one object that was asked for. */
export interface ObjectHead extends ObjectInfo {
  /** Changes when the content changes; of the file store: the content's sha256. No quotes. */
  readonly etag: string;
}

export interface StoredObject extends ObjectHead {
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The start of an object. */
export interface ObjectStart {
  /** Of the whole object. */
  readonly bytes: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface GetOptions {
  /** Refuse an object larger than this before it is held in memory (RangeError). */
  readonly maxBytes?: number;
  /** Only these bytes: start inclusive, end exclusive (clamped to the object's size). */
  readonly range?: { readonly start: number; readonly end: number };
  /**
   * Read no more than the range: the ETag of a folder's object then tells its size and time of writing instead of
   * its content, and is to be compared only with others that were asked for in this way.
   */
  readonly isPart?: boolean;
  readonly signal?: AbortSignal;
}

export interface PutOptions {
  /** MIME type, kept where the store can. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

export interface ListOptions {
  /** Only keys after this one, in the store's (UTF-8 byte) order. */
  readonly startAfter?: string;
  readonly signal?: AbortSignal;
}

export interface ObjectStore {
  /** How people name it: `s3://bucket/prefix` or `file:///folder`; no trailing slash. */
  readonly location: string;
  /** The object, or null when there is none. */
  get(key: string, options?: GetOptions): Promise<StoredObject | null>;
  /** What is known of the object, or null when there is none. */
  head(key: string, signal?: AbortSignal): Promise<ObjectHead | null>;
  /**
   * The first `maxBytes` of the object, or all of it where it is shorter, or null when there is none. The rest
   * is not read: the file store's {@linkcode get} reads the whole file even for a range, to tell its ETag.
   */
  peek(
    key: string,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<ObjectStart | null>;
  /** Writes the whole object or nothing; replaces what was there. Returns its ETag. */
  put(
    key: string,
    body: Uint8Array<ArrayBuffer>,
    options?: PutOptions,
  ): Promise<string>;
  /**
   * Writes the object only if there is none under this key. Returns true when this call made it,
   * false when another object stands there. A lost answer may make a success look like `false`:
   * who must know reads the object back and looks for its own mark in it.
   *
   * @throws {Deno.errors.NotSupported} when the store cannot create conditionally.
   */
  create(
    key: string,
    body: Uint8Array<ArrayBuffer>,
    options?: PutOptions,
  ): Promise<boolean>;
  /** Removes the object; no error when there is none. */
  delete(key: string, signal?: AbortSignal): Promise<void>;
  /**
   * Objects whose key starts with `prefix`, in UTF-8 byte order of their keys, a page at a time in memory.
   */
  list(prefix: string, options?: ListOptions): AsyncIterable<ObjectInfo>;
  /**
   * Names of the folders directly below a prefix that ends with a slash, in UTF-8 byte order of `<name>/`; without
   * what is in them. A folder is there as long as an object is in it.
   *
   * @param options `startAfter`: only folders of which `<prefix><name>/` is after this text
   */
  folders(prefix: string, options?: ListOptions): AsyncIterable<string>;
  /**
   * What the store's own clock says: the one that {@linkcode ObjectInfo.modifiedAt} is told by. At most a second
   * and an answer's way behind it, as buckets tell whole seconds; never ahead.
   */
  now(signal?: AbortSignal): Promise<Date>;
}
