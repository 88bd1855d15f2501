/** @module Loads a file and unpacks it where it is packed, telling how far it is. */
import { Gunzip } from "fflate";
import type { ViewerFile } from "../../views/viewer_case.ts";

/** Bytes after the last voxel are passed over; more than these, and the file is not what its header says. */
const MOST_TRAILING_BYTES = 2 ** 20;
/** So much is unpacked at a time: at most 1032 times as much comes out. */
const STEP_BYTES = 2 ** 14;

/**
 * The file, unpacked; as many bytes as its header says.
 *
 * @param onProgress told the share that has come, from 0 to 1
 * @throws {Error} in words for people
 */
export async function loadFile(
  { url, bytes }: ViewerFile,
  onProgress: (share: number) => void = () => {},
): Promise<ArrayBuffer> {
  const stored = await load(url, onProgress);
  if (isGzip(stored)) return await unpack(stored, bytes);
  if (stored.length < bytes) throw cutShort();
  return stored.buffer;
}

async function load(
  url: string,
  onProgress: (share: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await fetch(url).catch((cause) => {
    throw new Error("The dashboard does not answer", { cause });
  });
  if (!answer.ok) throw new Error(await reasonOf(answer));
  const total = Number(answer.headers.get("content-length"));
  const bytes = new Uint8Array(total);
  let length = 0;
  try {
    for await (const chunk of answer.body ?? []) {
      bytes.set(chunk, length);
      length += chunk.length;
      onProgress(total === 0 ? 0 : length / total);
    }
  } catch (cause) {
    throw new Error("The file stopped coming: try again", { cause });
  }
  if (length !== total) throw new Error("The file came cut short: try again");
  return bytes;
}

async function reasonOf(answer: Response): Promise<string> {
  const json = await answer.json().catch(() => null);
  const message = json?.error?.message;
  return typeof message === "string" ? message : `Error ${answer.status}`;
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function cutShort(): Error {
  return new Error("The file is cut short: it holds less than its header says");
}

/** The file holds more than its header says: nothing but a trap does. */
class TooMuch extends Error {}

/** Takes so many bytes, in parts. */
function filler(bytes: number) {
  const whole = new Uint8Array(bytes);
  let length = 0;
  return {
    /** @throws {TooMuch} */
    add(part: Uint8Array): void {
      if (length + part.length > bytes + MOST_TRAILING_BYTES) {
        throw new TooMuch("The file holds more than its header says");
      }
      if (length < bytes) whole.set(part.subarray(0, bytes - length), length);
      length += part.length;
    },
    /** @throws {Error} where some are missing. */
    end(): ArrayBuffer {
      if (length < bytes) throw cutShort();
      return whole.buffer;
    },
  };
}

async function unpack(
  stored: Uint8Array<ArrayBuffer>,
  bytes: number,
): Promise<ArrayBuffer> {
  const whole = filler(bytes);
  try {
    const stream = new Blob([stored]).stream()
      .pipeThrough(new DecompressionStream("gzip"));
    for await (const part of stream) whole.add(part);
  } catch (error) {
    if (error instanceof TooMuch) throw error;
    // Browsers refuse what has several members, or zeros behind the last: slower, but reads them.
    return unpackMembers(stored, bytes);
  }
  return whole.end();
}

function unpackMembers(stored: Uint8Array, bytes: number): ArrayBuffer {
  const whole = filler(bytes);
  const gunzip = new Gunzip((part) => whole.add(part));
  try {
    for (let at = 0; at < stored.length; at += STEP_BYTES) {
      const end = at + STEP_BYTES;
      gunzip.push(stored.subarray(at, end), end >= stored.length);
    }
  } catch (error) {
    if (error instanceof TooMuch) throw error;
    // Whether what came before is enough shows now.
  }
  return whole.end();
}
