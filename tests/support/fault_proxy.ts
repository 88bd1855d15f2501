/**
 * A TCP proxy in front of an HTTP server that does to connections what networks do.
 * @module
 */
import { answer, pump, readRequest, TcpFront } from "./tcp_front.ts";

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
  /**
   * Nothing more is passed on after so many bytes of the server's answer; the connection stays open. `begun` is
   * called once they were.
   */
  | {
    readonly kind: "stall";
    readonly afterBytes: number;
    readonly begun?: () => void;
  }
  /** The server gets the request and does its work; its answer never arrives. */
  | { readonly kind: "loseAnswer" };

export class FaultProxy implements AsyncDisposable {
  /** Connections that were taken so far. */
  connections = 0;
  readonly #front: TcpFront;
  #faults: Fault[] = [];

  /** @param endpoint `http://host:port` of the server behind it. */
  constructor(endpoint: string) {
    this.#front = new TcpFront(endpoint, (client) => {
      this.connections++;
      return this.#handle(client, this.#faults.shift() ?? { kind: "pass" });
    });
  }

  get endpoint(): string {
    return this.#front.endpoint;
  }

  /** Faults of the connections to come, in their order; counts connections from zero. */
  plan(...faults: Fault[]): void {
    this.#faults = faults;
    this.connections = 0;
  }

  /** Refuses connections, as a server that is not running, until {@linkcode up}. */
  async down(): Promise<void> {
    await this.#front.down();
  }

  up(): void {
    this.#front.up();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#front[Symbol.asyncDispose]();
  }

  async #handle(client: Deno.TcpConn, fault: Fault): Promise<void> {
    if (fault.kind === "reset") return;
    if (fault.kind === "answer") {
      // A whole request, so that closing the connection does not discard the answer.
      await readRequest(client);
      return await answer(client, fault.status, fault.body ?? "");
    }
    if (fault.kind === "pass") await fault.before?.();
    const server = await this.#front.connect();
    const sending = pump(client, server, Infinity).catch(() => {});
    try {
      await pump(server, client, limitOf(fault));
      if (fault.kind === "stall") {
        fault.begun?.();
        // Nothing more comes; what the client does about it ends the connection.
        await sending;
      }
    } finally {
      this.#front.close(server);
      this.#front.close(client);
      await sending;
    }
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
