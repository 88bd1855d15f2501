/**
 * The names people give to stores: `s3://bucket/prefix`, `file:///folder`, or a path.
 * @module
 */
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { checkKey } from "./key.ts";

export type Location =
  | {
    readonly kind: "s3";
    readonly bucket: string;
    /** Empty, or a key without a slash at its end. */
    readonly prefix: string;
  }
  | { readonly kind: "file"; /** Absolute. */ readonly path: string };

const ALLOWED = "use s3://bucket/prefix, file:///folder or a path";

/** Wider than AWS's rule (capitals, underscores, long names): other servers allow them. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/;

/** Longer than one letter, so that a Windows drive is no scheme; a colon alone may stand in a path. */
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]+):\/\//;

/**
 * Reads a location. What follows the bucket is a key as it stands: nothing in it is decoded.
 *
 * @param base absolute folder that relative paths start from.
 * @throws {SyntaxError} when the text names no store.
 */
export function parseLocation(text: string, base: string): Location {
  const problem = (why: string, cause?: unknown) =>
    new SyntaxError(
      `Cannot use "${withoutCredentials(text)}" as a location: ${why}`,
      { cause },
    );
  if (text === "") throw problem(`it is empty; ${ALLOWED}`);
  if (text.includes("\0")) throw problem("it holds a NUL character");
  if (text.startsWith("s3://")) return parseS3(text, problem);
  if (text.startsWith("file://")) {
    return { kind: "file", path: parseFileUrl(text, problem) };
  }
  const scheme = SCHEME.exec(text)?.[1];
  if (scheme !== undefined) {
    throw problem(`"${scheme}://" is not known; ${ALLOWED}`);
  }
  if (/^(s3|file):/i.test(text)) {
    throw problem(`its scheme is not followed by "//"; ${ALLOWED}`);
  }
  if (!isAbsolute(base)) {
    throw new RangeError(
      `Cannot start relative paths from "${base}": it is relative itself`,
    );
  }
  return { kind: "file", path: resolve(base, text) };
}

/** People put credentials into URLs: they are never shown. */
function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^/@]*@/, "//***@");
}

function parseS3(
  text: string,
  problem: (why: string, cause?: unknown) => SyntaxError,
): Location {
  const [, bucket = "", rest = ""] = /^s3:\/\/([^/]*)(.*)$/s.exec(text) ?? [];
  if (bucket === "") throw problem(`it names no bucket; ${ALLOWED}`);
  if (!BUCKET.test(bucket)) {
    throw problem(
      `"${bucket}" is no bucket name (letters, digits, dots, hyphens, underscores; 2 characters or more)`,
    );
  }
  const prefix = rest.replace(/^\//, "").replace(/\/$/, "");
  if (prefix !== "") {
    try {
      checkKey(prefix);
    } catch (cause) {
      throw problem("its prefix cannot stand in a key", cause);
    }
  }
  return { kind: "s3", bucket, prefix };
}

function parseFileUrl(
  text: string,
  problem: (why: string, cause?: unknown) => SyntaxError,
): string {
  try {
    const path = fileURLToPath(text);
    return path.length > 1 ? path.replace(/\/+$/, "") : path;
  } catch (cause) {
    throw problem(
      "file:// takes an absolute path on this machine, percent-encoded",
      cause,
    );
  }
}

/** A location as people write it: what {@linkcode parseLocation} reads back; no slash at its end. */
export function formatLocation(location: Location): string {
  if (location.kind === "s3") {
    return location.prefix === ""
      ? `s3://${location.bucket}`
      : `s3://${location.bucket}/${location.prefix}`;
  }
  return pathToFileURL(location.path).href;
}
