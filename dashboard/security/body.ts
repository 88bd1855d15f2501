/**
 * Bodies of requests, read before any handler sees them: as large and as slow as they may be, and forms only where they
 * can be understood.
 * @module
 */
import type { Context } from "hono";
import { Refused } from "./refused.ts";

/** For the small bodies of forms and the API; whoever sends theirs more slowly holds a connection for nothing. */
export const BODY_MS = 20_000;

/**
 * Reads a body and puts what was read in its place.
 *
 * @param signal aborted when it has taken too long
 * @throws {Refused} when it is too large, too slow, or a form that is none.
 */
export async function takeBody(
  c: Context,
  maxBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const { body } = c.req.raw;
  if (body === null) return;
  refuseTold(c, maxBytes);
  const bytes = await readAll(body, maxBytes, signal);
  // Not made of the old one, whose signal would be taken over: nobody needs it, and the server warns of its use.
  const { url, method, headers } = c.req.raw;
  c.req.raw = new Request(url, { method, headers, body: bytes });
  const type = c.req.header("content-type") ?? "";
  if (
    !/^(multipart\/form-data|application\/x-www-form-urlencoded)/i.test(type)
  ) {
    return;
  }
  try {
    // Handlers get the same fields, which are kept.
    await c.req.parseBody();
  } catch (error) {
    // What cannot be understood, the platform tells so.
    if (error instanceof TypeError) throw new Refused("form");
    throw error;
  }
}

/** Of a file: how long its next part may take, */
const PART_MS = 20_000;
/** and what comes on the average, once a while has passed: whoever is slower holds up the next file for nothing. */
const BYTES_PER_MS = 64;

/** Calls `late` after so many milliseconds unless it is stopped before. */
export type StartTimer = (ms: number, late: () => void) => () => void;

/**
 * Lets a body through to the handler as it is read, as long as it is neither too large nor too slow: what reads it
 * fails with a {@linkcode Refused} then. Time counts from where reading begins.
 *
 * @throws {Refused} when it says itself that it is too large.
 */
export function limitBody(
  c: Context,
  maxBytes: number,
  { startTimer = startTimeout, nowMs = () => performance.now() }: {
    startTimer?: StartTimer;
    nowMs?: () => number;
  } = {},
): void {
  const { body, url, method, headers } = c.req.raw;
  if (body === null) return;
  refuseTold(c, maxBytes);
  const reader = body.getReader();
  let startedMs: number | null = null;
  let size = 0;
  const limited = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      startedMs ??= nowMs();
      const leftMs = startedMs + PART_MS + size / BYTES_PER_MS - nowMs();
      const late = Promise.withResolvers<never>();
      late.promise.catch(() => {});
      const stop = startTimer(
        Math.max(0, Math.min(PART_MS, leftMs)),
        () => late.reject(new Refused("slow")),
      );
      try {
        const read = await Promise.race([reader.read(), late.promise]);
        if (read.done) {
          controller.close();
          return;
        }
        size += read.value.length;
        if (size > maxBytes) throw new Refused("size");
        controller.enqueue(read.value);
      } catch (error) {
        reader.cancel().catch(() => {});
        controller.error(
          error instanceof Refused
            ? error
            : new Refused("cut", { cause: error }),
        );
      } finally {
        stop();
      }
    },
    async cancel(reason) {
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
  c.req.raw = new Request(url, { method, headers, body: limited });
}

function startTimeout(ms: number, late: () => void): () => void {
  const timer = setTimeout(late, ms);
  return () => clearTimeout(timer);
}

/** @throws {Refused} when a body says itself that it is too large. */
function refuseTold(c: Context, maxBytes: number): void {
  if (Number(c.req.header("content-length") ?? 0) > maxBytes) {
    throw new Refused("size");
  }
}

async function readAll(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => {});
  const onAbort = () => late.reject(new Refused("slow"));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  const reader = body.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late.promise]);
      if (done) break;
      size += value.length;
      if (size > maxBytes) throw new Refused("size");
      parts.push(value);
    }
  } catch (error) {
    if (error instanceof Refused) {
      // The client may have gone, which is no failure of this one.
      reader.cancel().catch(() => {});
      throw error;
    }
    throw new Refused("cut");
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
