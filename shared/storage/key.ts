/**
 * What may stand as an object's key: the same rule for every store, so that what is written to one
 * can be copied to the other.
 * @module
 */

/** S3's limit, in UTF-8 bytes. */
const LONGEST_KEY_BYTES = 1024;

const TEMPORARY_NAME = /^\.uptake-[0-9a-f-]{36}\.tmp$/;

/** A fresh name for a file that is still being written; short, so that it fits where any key's last name does. */
export function temporaryName(): string {
  return `.uptake-${crypto.randomUUID()}.tmp`;
}

/**
 * Is this file name one of {@linkcode temporaryName}? Such a file is never an object: stores do not
 * list, read or write it. One that stays behind belongs to a writer that was killed.
 */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY_NAME.test(name);
}

/** Why this text cannot be a key, or null when it can. */
function keyProblem(key: string): string | null {
  if (key === "") return "it is empty";
  if (key.includes("\0")) return "it holds a NUL character";
  if (key.includes("\\")) return "it holds a backslash";
  if (!key.isWellFormed()) return "it is not well-formed Unicode";
  const bytes = new TextEncoder().encode(key).length;
  if (bytes > LONGEST_KEY_BYTES) {
    return `it has ${bytes} bytes, more than ${LONGEST_KEY_BYTES}`;
  }
  for (const name of key.split("/")) {
    if (name === "") return "it has an empty name between slashes";
    if (name === "." || name === "..") return `it holds the name "${name}"`;
    if (isTemporaryName(name)) return `"${name}" names a temporary file`;
  }
  return null;
}

/** Can this text be an object's key? */
export function isKey(text: string): boolean {
  return keyProblem(text) === null;
}

/** @throws {RangeError} when the text cannot be a key; the message says why. */
export function checkKey(key: string): void {
  const problem = keyProblem(key);
  if (problem !== null) {
    throw new RangeError(
      `Cannot use ${JSON.stringify(key)} as a key: ${problem}`,
    );
  }
}

/**
 * Checks the start of keys that a listing asks for: whole names, then perhaps part of one.
 *
 * @throws {RangeError} when no key can start so.
 */
export function checkPrefix(prefix: string): void {
  const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  if (folder !== "") checkKey(folder.slice(0, -1));
  const rest = prefix.slice(folder.length);
  if (rest !== "" && rest !== "." && rest !== "..") checkKey(rest);
}

/** Compares two texts by their UTF-8 bytes, which is the order of their code points. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
}

/** UTF-16 puts surrogates before U+E000..U+FFFF, though the code points they stand for come after. */
function codePointRank(codeUnit: number): number {
  return codeUnit >= 0xd800 && codeUnit < 0xe000
    ? codeUnit + 0x10000
    : codeUnit;
}
