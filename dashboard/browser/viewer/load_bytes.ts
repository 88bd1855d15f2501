/** @module Loads a file and unpacks it where it is packed, telling how far it is. */
import { Gunzip } from "fflate";

/**
 * @param onProgress told the share that has come, from 0 to 1
 * @throws {Error} in words for people
 */
export async function loadBytes(
  url: string,
  onProgress: (share: number) => void,
): Promise<ArrayBuffer> {
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
  return isGzip(bytes) ? await unpack(bytes) : bytes.buffer;
}

async function reasonOf(answer: Response): Promise<string> {
  const json = await answer.json().catch(() => null);
  const message = json?.error?.message;
  return typeof message === "string" ? message : `Error ${answer.status}`;
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function unpack(bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  try {
    const stream = new Blob([bytes]).stream()
      .pipeThrough(new DecompressionStream("gzip"));
    return await new Response(stream).arrayBuffer();
  } catch {
    // Browsers refuse what has several members, or zeros behind the last: slower, but reads them.
    return unpackMembers(bytes);
  }
}

function unpackMembers(bytes: Uint8Array): ArrayBuffer {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const gunzip = new Gunzip((part) => parts.push(new Uint8Array(part)));
  try {
    gunzip.push(bytes, true);
  } catch (cause) {
    if (parts.length === 0) {
      throw new Error("The file is damaged: it cannot be unpacked", { cause });
    }
  }
  const whole = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole.buffer;
}
