/**
 * Ends a request on which nothing moves any more. Deno's socket timeout cannot: it does not see a
 * slow upload proceed.
 */
export class StallGuard implements Disposable {
  /** Aborted when nothing moved for too long, or by the caller's own signal. */
  readonly signal: AbortSignal;
  readonly #stalled = new AbortController();
  readonly #idleTimeoutMs: number;
  #timer: ReturnType<typeof setTimeout>;

  /** @param graceMs how much later the first {@linkcode moved} may come, for a body to be sent. */
  constructor(
    idleTimeoutMs: number,
    graceMs: number,
    signal: AbortSignal | undefined,
  ) {
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#timer = this.#start(idleTimeoutMs + graceMs);
    const own = this.#stalled.signal;
    this.signal = signal === undefined ? own : AbortSignal.any([own, signal]);
  }

  /** To be called whenever bytes have arrived. */
  moved(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start(this.#idleTimeoutMs);
  }

  /** Throws when this guard ended the request, rather than the caller or the network. */
  throwIfStalled(): void {
    this.#stalled.signal.throwIfAborted();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #start(delayMs: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      const seconds = (delayMs / 1000).toFixed(1);
      this.#stalled.abort(
        new DOMException(`nothing came for ${seconds} s`, "TimeoutError"),
      );
    }, delayMs);
  }
}
