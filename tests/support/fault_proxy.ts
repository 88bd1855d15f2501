/**
 * A TCP proxy in front of an HTTP server that does to connections what networks do.
 * @module
 */

/** What happens to one connection; the next one takes the next fault, and passes once none is left. */
export type Fault =
  /** Nothing happens to it; `before` is awaited before the server hears of it. */
  | { readonly kind: "pass"; readonly before?: () => Promise<void> }
  /** Closed before anything reaches the server. */
  | { readonly kind: "reset" }
  /** Answered by the proxy; the server hears nothing. */
  | { readonly kind: "answer"; readonly status: number; readonly body?: string }
  /** Closed once so many bytes of the server's answer were passed on. */
  | { readonly kind: "cutAnswer"; readonly afterBytes: number }
  /** Nothing more is passed on after so many bytes of the server's answer; the connection stays open. */
  | { readonly kind: "stall"; readonly afterBytes: number }
  /** The server gets the request and does its work; its answer never arrives. */
  | { readonly kind: "loseAnswer" };

export class FaultProxy implements AsyncDisposable {
  readonly endpoint: string;
  /** Connections that were taken so far. */
  connections = 0;
  readonly #server: { readonly hostname: string; readonly port: number };
  readonly #port: number;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #handlers = new Set<Promise<void>>();
  #faults: Fault[] = [];
  #listener: Deno.TcpListener;
  #accepting: Promise<void>;

  /** @param endpoint `http://host:port` of the server behind it. */
  constructor(endpoint: string) {
    const { hostname, port } = new URL(endpoint);
    this.#server = { hostname, port: Number(port) };
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#port = this.#listener.addr.port;
    this.endpoint = `http://127.0.0.1:${this.#port}`;
    this.#accepting = this.#accept();
  }

  /** Faults of the connections to come, in their order; counts connections from zero. */
  plan(...faults: Fault[]): void {
    this.#faults = faults;
    this.connections = 0;
  }

  /** Refuses connections, as a server that is not running, until {@linkcode up}. */
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
    for (const connection of this.#open) this.#close(connection);
    await Promise.all(this.#handlers);
  }

  async #accept(): Promise<void> {
    try {
      for await (const client of this.#listener) {
        this.connections++;
        this.#open.add(client);
        const handler = this.#handle(
          client,
          this.#faults.shift() ?? { kind: "pass" },
        )
          // A connection that breaks is what this is about.
          .catch(() => {})
          .finally(() => {
            this.#close(client);
            this.#handlers.delete(handler);
          });
        this.#handlers.add(handler);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #handle(client: Deno.TcpConn, fault: Fault): Promise<void> {
    if (fault.kind === "reset") return;
    if (fault.kind === "answer") return await answer(client, fault);
    if (fault.kind === "pass") await fault.before?.();
    const server = await Deno.connect(this.#server);
    this.#open.add(server);
    const sending = pump(client, server, Infinity).catch(() => {});
    try {
      await pump(server, client, limitOf(fault));
      // Nothing more comes; what the client does about it ends the connection.
      if (fault.kind === "stall") await sending;
    } finally {
      this.#close(server);
      this.#close(client);
      await sending;
    }
  }

  #close(connection: Deno.TcpConn): void {
    if (this.#open.delete(connection)) connection.close();
  }
}

function limitOf(fault: Fault): number {
  switch (fault.kind) {
    case "cutAnswer":
    case "stall":
      return fault.afterBytes;
    case "loseAnswer":
      return 0;
    default:
      return Infinity;
  }
}

/** Passes bytes on until `from` ends or has sent more than `limit` bytes. */
async function pump(
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

async function answer(
  client: Deno.TcpConn,
  { status, body = "" }: { readonly status: number; readonly body?: string },
): Promise<void> {
  await readRequest(client);
  const text = [
    `HTTP/1.1 ${status} Planned`,
    `Content-Length: ${body.length}`,
    "Content-Type: application/xml",
    "Connection: close",
    "",
    body,
  ].join("\r\n");
  await writeAll(client, new TextEncoder().encode(text));
}

/** Takes a whole request, so that closing the connection does not discard the answer. */
async function readRequest(client: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  const decoder = new TextDecoder("latin1");
  let head = "";
  let received = 0;
  let expected = Infinity;
  while (received < expected) {
    const count = await client.read(buffer);
    if (count === null) return;
    received += count;
    if (expected !== Infinity) continue;
    head += decoder.decode(buffer.subarray(0, count), { stream: true });
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) continue;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? "0";
    expected = end + 4 + Number(length);
  }
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await to.write(bytes.subarray(written));
  }
}
