/**
 * Gzip in memory, through node:zlib: it reads files of several members and zero-padded ones, which
 * DecompressionStream refuses, and can bound its output.
 * @module
 */
import { constants, gunzipSync, gzipSync } from "node:zlib";
import { CaseError } from "../../case_error.ts";

/** DEFLATE spends at least 2 bits on 258 bytes, so no gzip file grows by more than this. */
export const LARGEST_RATIO = 1032;

const PREFIX_STEP = 4096;
/** A gzip header may hold 64 KiB of extra fields and a name before the first compressed byte. */
const LONGEST_PREFIX = 32 * PREFIX_STEP;

/** Whether bytes start with gzip's magic number. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The first bytes of what a gzip file (or the beginning of one) holds: at least `wanted`, unless there are
 * fewer. Feeds little by little, so that at most 4 MiB are inflated at a time.
 *
 * @throws {CaseError} "unreadable" when the bytes are no valid gzip data.
 */
export function inflatePrefix(bytes: Uint8Array, wanted: number): Uint8Array {
  let fed = 0;
  let inflated: Uint8Array = new Uint8Array();
  while (
    inflated.length < wanted && fed < bytes.length && fed < LONGEST_PREFIX
  ) {
    fed = Math.min(fed + PREFIX_STEP, bytes.length);
    inflated = inflate(bytes.subarray(0, fed), {
      // Gives what can be had from data that stop anywhere.
      finishFlush: constants.Z_SYNC_FLUSH,
    });
  }
  return inflated;
}

/**
 * Everything a gzip file holds, checksums verified.
 *
 * @param expected The size its content should have; one buffer of it is allocated up front.
 * @param most The most bytes it may hold.
 * @throws {CaseError} "unreadable" when the data are cut short, corrupt, or more than `most`.
 */
export function inflateAll(
  bytes: Uint8Array,
  expected: number,
  most: number,
): Uint8Array {
  // With a chunk for everything zlib neither collects nor joins pieces: half the time and memory.
  return inflate(bytes, {
    chunkSize: expected + constants.Z_MIN_CHUNK,
    maxOutputLength: most,
  });
}

function inflate(
  bytes: Uint8Array,
  options: {
    finishFlush?: number;
    chunkSize?: number;
    maxOutputLength?: number;
  },
): Uint8Array {
  try {
    const { buffer, byteOffset, byteLength } = gunzipSync(bytes, options);
    // Not the Buffer itself, whose slice() does not copy.
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (cause) {
    const problem = problemOf(cause, options.maxOutputLength);
    if (problem === undefined) throw cause;
    throw new CaseError("unreadable", problem, { cause });
  }
}

function problemOf(error: unknown, most?: number): string | undefined {
  if (!(error instanceof Error && "code" in error)) return undefined;
  switch (error.code) {
    case "Z_BUF_ERROR":
      return "its gzip data are cut short";
    case "Z_DATA_ERROR":
    case "Z_NEED_DICT":
      return `its gzip data are corrupt (${error.message})`;
    case "ERR_BUFFER_TOO_LARGE":
      return `its gzip data hold more than the ${most} bytes its header allows for`;
    default:
      return undefined;
  }
}

/**
 * Compresses so that the same input gives the same bytes on every machine: no time, no operating
 * system, and run-length matches only. Those need no hash, while how zlib hashes (and so which other
 * matches it finds) depends on its build and the CPU.
 *
 * It is also the best choice for masks: on a 192x192x406 mask 17.6 kB in 5-8 ms, against 17.5 kB in 6 ms at
 * level 6, 17.1 kB in 42 ms at level 9, and 149 kB at level 1; on the PET image under it 1.43 MB in 27 ms
 * against 1.41 MB in 74 ms at level 6. Class probabilities compress as at level 6, in half the time.
 */
export function deflate(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const compressed = new Uint8Array(gzipSync(bytes, {
    strategy: constants.Z_RLE,
    memLevel: constants.Z_MAX_MEMLEVEL,
    chunkSize: 2 ** 20,
  }));
  compressed.fill(0, 4, 9); // MTIME and XFL: none
  compressed[9] = 255; // OS: unknown
  return compressed;
}
