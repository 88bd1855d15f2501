/**
 * A listener of 127.0.0.1 in front of a server, for proxies that do to connections what networks do.
 * @module
 */

/** Handles one connection; whatever it leaves open is closed afterwards. */
export type Handle = (client: Deno.TcpConn) => Promise<void>;

export class TcpFront implements AsyncDisposable {
  readonly endpoint: string;
  readonly #server: { readonly hostname: string; readonly port: number };
  readonly #handle: Handle;
  readonly #port: number;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #handlers = new Set<Promise<void>>();
  #listener: Deno.TcpListener;
  #accepting: Promise<void>;

  /** @param endpoint `http://host:port` of the server behind it. */
  constructor(endpoint: string, handle: Handle) {
    const { hostname, port } = new URL(endpoint);
    this.#server = { hostname, port: Number(port) };
    this.#handle = handle;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#port = this.#listener.addr.port;
    this.endpoint = `http://127.0.0.1:${this.#port}`;
    this.#accepting = this.#accept();
  }

  /** A connection to the server. */
  async connect(): Promise<Deno.TcpConn> {
    const server = await Deno.connect(this.#server);
    this.#open.add(server);
    return server;
  }

  close(connection: Deno.TcpConn): void {
    if (this.#open.delete(connection)) connection.close();
  }

  /** Breaks every connection. */
  breakAll(): void {
    for (const connection of this.#open) this.close(connection);
  }

  /** Refuses connections, as a server that is not running, until {@linkcode up}; those that stand stay. */
  async down(): Promise<void> {
    this.#listener.close();
    await this.#accepting;
  }

  up(): void {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: this.#port });
    this.#accepting = this.#accept();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
    this.breakAll();
    await Promise.all(this.#handlers);
  }

  async #accept(): Promise<void> {
    try {
      for await (const client of this.#listener) {
        this.#open.add(client);
        const handler = this.#handle(client)
          // A connection that breaks is what this is about.
          .catch(() => {})
          .finally(() => {
            this.close(client);
            this.#handlers.delete(handler);
          });
        this.#handlers.add(handler);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }
}

/** Passes bytes on until `from` ends or has sent more than `limit` bytes. */
export async function pump(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  limit: number,
): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  for (let left = limit; left >= 0;) {
    const count = await from.read(buffer);
    if (count === null) return;
    await writeAll(to, buffer.subarray(0, Math.min(count, left)));
    left -= count;
  }
}

export async function writeAll(
  to: Deno.TcpConn,
  bytes: Uint8Array,
): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await to.write(bytes.subarray(written));
  }
}

/** A whole request as it came. */
export interface RawRequest {
  /** Request line and headers, without the empty line that ends them. */
  readonly head: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Takes a whole request, whose body's length must be told; null when the client leaves before its end. */
export async function readRequest(
  client: Deno.TcpConn,
): Promise<RawRequest | null> {
  let taken = new Uint8Array(0);
  let headEnd = -1;
  while (headEnd < 0) {
    const buffer = new Uint8Array(64 * 1024);
    const count = await client.read(buffer);
    if (count === null) return null;
    const longer = new Uint8Array(taken.length + count);
    longer.set(taken);
    longer.set(buffer.subarray(0, count), taken.length);
    taken = longer;
    headEnd = endOfHead(taken);
  }
  const head = new TextDecoder().decode(taken.subarray(0, headEnd - 4));
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? "0";
  const body = new Uint8Array(Number(length));
  const start = taken.subarray(headEnd, headEnd + body.length);
  body.set(start);
  for (let received = start.length; received < body.length;) {
    const count = await client.read(body.subarray(received));
    if (count === null) return null;
    received += count;
  }
  return { head, body };
}

/** Offset of the body in a request or an answer; -1 where the head has not ended. */
export function endOfHead(bytes: Uint8Array): number {
  // CR LF CR LF
  for (let i = bytes.indexOf(13); i >= 0; i = bytes.indexOf(13, i + 1)) {
    if (bytes[i + 1] === 10 && bytes[i + 2] === 13 && bytes[i + 3] === 10) {
      return i + 4;
    }
  }
  return -1;
}

/** Answers in the server's place; `headers` are whole lines. */
export async function answer(
  client: Deno.TcpConn,
  status: number,
  body: string,
  headers: readonly string[] = [],
): Promise<void> {
  const text = [
    `HTTP/1.1 ${status} Planned`,
    `Content-Length: ${body.length}`,
    "Content-Type: application/xml",
    "Connection: close",
    ...headers,
    "",
    body,
  ].join("\r\n");
  await writeAll(client, new TextEncoder().encode(text));
}
