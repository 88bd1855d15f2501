/**
 * A proxy in front of an S3 server that knows each request's method and key, so that a test can say what
 * happens to which. For servers that are addressed in path style, over plain HTTP.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import {
  answer,
  endOfHead,
  pump,
  readRequest,
  TcpFront,
  writeAll,
} from "./tcp_front.ts";
import type { RawRequest } from "./tcp_front.ts";

export interface S3Request {
  readonly method: string;
  /** Empty where the request names none. */
  readonly bucket: string;
  /** Whole and decoded; empty in listings and other requests about the bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** Of the body. */
  readonly bytes: number;
}

/** What happens to a request. */
export type Action =
  /**
   * The server gets it and its answer is delivered. `before` is awaited before the server hears of it,
   * `after` when the server has done its work and its answer is not yet delivered.
   */
  | {
    readonly kind: "pass";
    readonly before?: () => Promise<void>;
    readonly after?: () => Promise<void>;
  }
  /** Closed at once; the server hears nothing. */
  | { readonly kind: "refuse" }
  /** The server has done its work and `after` is over, then the connection is closed without the answer. */
  | { readonly kind: "loseAnswer"; readonly after?: () => Promise<void> }
  /** The server does its work; the answer stops after so many bytes of its body, and the connection stays open. */
  | { readonly kind: "stall"; readonly bodyBytes?: number }
  /** The answer comes at this speed. */
  | { readonly kind: "slow"; readonly bytesPerSecond: number }
  /** Answered by the proxy as S3 answers errors; the server hears nothing. */
  | {
    readonly kind: "answer";
    readonly status: number;
    /** S3's code, such as `SlowDown`. */
    readonly code?: string;
    readonly retryAfterSeconds?: number;
  }
  /** Closed after so many bytes of the answer's body. */
  | { readonly kind: "truncate"; readonly bodyBytes: number }
  /** One byte of the answer's body is changed; the offset is taken modulo its length. */
  | { readonly kind: "flipAnswer"; readonly offset: number }
  /** One byte of the request's body is changed; the offset is taken modulo its length. */
  | { readonly kind: "flipRequest"; readonly offset: number };

export type OnRequest = (request: S3Request) => Action | Promise<Action>;

const SLOW_STEP_MS = 50;

export class S3FaultProxy implements AsyncDisposable {
  /** Decides over the requests to come. */
  onRequest: OnRequest;
  /** Requests that were taken so far. */
  requests = 0;
  readonly #front: TcpFront;
  readonly #closed = new AbortController();
  #failure: { readonly error: unknown } | undefined;

  /** @param endpoint `http://host:port` of the server behind it. */
  constructor(
    endpoint: string,
    onRequest: OnRequest = () => ({ kind: "pass" }),
  ) {
    this.onRequest = onRequest;
    this.#front = new TcpFront(endpoint, (client) => this.#handle(client));
  }

  get endpoint(): string {
    return this.#front.endpoint;
  }

  /** Breaks every connection and refuses new ones, as a server that died, until {@linkcode up}. */
  async down(): Promise<void> {
    await this.#front.down();
    this.#front.breakAll();
  }

  up(): void {
    this.#front.up();
  }

  /** @throws what a hook threw, if one did. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#front[Symbol.asyncDispose]();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #handle(client: Deno.TcpConn): Promise<void> {
    const raw = await readRequest(client);
    if (raw === null) return;
    this.requests++;
    const request = await this.#hook(() => parseRequest(raw));
    const action = await this.#hook(() => this.onRequest(request));
    switch (action.kind) {
      case "refuse":
        return;
      case "answer":
        return await answerError(client, action);
      case "pass":
        await this.#hook(async () => await action.before?.());
        if (action.after === undefined) {
          return await this.#stream(client, raw);
        }
    }
    const body = action.kind === "flipRequest"
      ? flip(raw.body, action.offset)
      : raw.body;
    const reply = await this.#forward({ ...raw, body });
    const bodyStart = endOfHead(reply);
    switch (action.kind) {
      case "loseAnswer":
        await this.#hook(async () => await action.after?.());
        return;
      case "truncate":
        return await writeAll(
          client,
          reply.subarray(0, bodyStart + action.bodyBytes),
        );
      case "stall": {
        const { bodyBytes } = action;
        const end = bodyBytes === undefined ? 0 : bodyStart + bodyBytes;
        await writeAll(client, reply.subarray(0, end));
        // What the client does about it ends the connection.
        await client.read(new Uint8Array(1));
        return;
      }
      case "slow":
        return await this.#writeSlowly(client, reply, action.bytesPerSecond);
      case "flipAnswer": {
        await writeAll(client, reply.subarray(0, bodyStart));
        const body = reply.subarray(bodyStart);
        return await writeAll(client, flip(body, action.offset));
      }
      case "pass":
        await this.#hook(async () => await action.after?.());
    }
    await writeAll(client, reply);
  }

  /** Runs a test's own code; what it throws fails the test, not only the connection. */
  async #hook<T>(run: () => T | Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }

  /** The server's whole answer. */
  async #forward(raw: RawRequest): Promise<Uint8Array<ArrayBuffer>> {
    const server = await this.#send(raw);
    try {
      return await readToEnd(server);
    } finally {
      this.#front.close(server);
    }
  }

  /** Delivers the answer while it comes. */
  async #stream(client: Deno.TcpConn, raw: RawRequest): Promise<void> {
    const server = await this.#send(raw);
    try {
      await pump(server, client, Infinity);
    } finally {
      this.#front.close(server);
    }
  }

  /** A connection that ends with the answer, on which the request was sent. */
  async #send({ head, body }: RawRequest): Promise<Deno.TcpConn> {
    const server = await this.#front.connect();
    const lines = head.split("\r\n")
      .filter((line) => !/^(connection|keep-alive):/i.test(line));
    const text = [...lines, "Connection: close", "", ""].join("\r\n");
    await writeAll(server, new TextEncoder().encode(text));
    await writeAll(server, body);
    return server;
  }

  async #writeSlowly(
    client: Deno.TcpConn,
    bytes: Uint8Array,
    bytesPerSecond: number,
  ): Promise<void> {
    const step = Math.max(1, Math.round(bytesPerSecond * SLOW_STEP_MS / 1000));
    for (let start = 0; start < bytes.length; start += step) {
      await writeAll(client, bytes.subarray(start, start + step));
      await delay(SLOW_STEP_MS, undefined, { signal: this.#closed.signal });
    }
  }
}

/** @throws {URIError} when the path is not percent-encoded UTF-8. */
function parseRequest({ head, body }: RawRequest): S3Request {
  const [method = "", target = ""] = head.split(" ", 2);
  const [path = "", query = ""] = target.split("?", 2);
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return {
    method,
    bucket: decodeURIComponent(bucket),
    key: decodeURIComponent(key),
    query: new URLSearchParams(query),
    bytes: body.length,
  };
}

async function answerError(
  client: Deno.TcpConn,
  { status, code = "Planned", retryAfterSeconds }: Extract<
    Action,
    { readonly kind: "answer" }
  >,
): Promise<void> {
  const body =
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>planned</Message></Error>`;
  const headers = retryAfterSeconds === undefined
    ? []
    : [`Retry-After: ${retryAfterSeconds}`];
  await answer(client, status, body, headers);
}

async function readToEnd(
  connection: Deno.TcpConn,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const buffer = new Uint8Array(64 * 1024);
    const count = await connection.read(buffer);
    if (count === null) break;
    chunks.push(buffer.subarray(0, count));
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** A copy with one bit changed. */
function flip(
  bytes: Uint8Array<ArrayBuffer>,
  offset: number,
): Uint8Array<ArrayBuffer> {
  const changed = bytes.slice();
  const at = offset % Math.max(1, bytes.length);
  const byte = changed[at];
  if (byte !== undefined) changed[at] = byte ^ 1;
  return changed;
}
