/**
 * Results of computed windows for as long as later windows need them.
 * @module
 */

/**
 * Holds results where the network left them, as views of its answer, until {@linkcode WindowResults.own}
 * copies those still needed; memory of results that are dropped is used again.
 */
export class WindowResults {
  readonly #size: number;
  readonly #capacity: number;
  readonly #results = new Map<number, { data: Float32Array; offset: number }>();
  readonly #owned = new Set<Float32Array>();
  readonly #free: Float32Array[] = [];

  /**
   * @param size values of one window's result: classes x roi.
   * @param capacity results that may stand in memory of their own at a time.
   */
  constructor(size: number, capacity: number) {
    this.#size = size;
    this.#capacity = capacity;
  }

  has(window: number): boolean {
    return this.#results.has(window);
  }

  get(window: number): { data: Float32Array; offset: number } {
    const result = this.#results.get(window);
    if (result === undefined) {
      throw new RangeError(`Cannot find the result of window ${window}`);
    }
    return result;
  }

  put(window: number, data: Float32Array, offset: number): void {
    this.#results.set(window, { data, offset });
  }

  drop(window: number): void {
    const { data } = this.get(window);
    this.#results.delete(window);
    if (this.#owned.delete(data)) this.#free.push(data);
  }

  /**
   * Copies every result that still stands in the network's memory.
   *
   * @throws {RangeError} when there are more than the capacity.
   */
  own(): void {
    if (this.#results.size > this.#capacity) {
      throw new RangeError(
        `Cannot keep more than ${this.#capacity} results: ${this.#results.size} are needed`,
      );
    }
    for (const [window, { data, offset }] of this.#results) {
      if (this.#owned.has(data)) continue;
      const copy = this.#free.pop() ?? new Float32Array(this.#size);
      copy.set(data.subarray(offset, offset + this.#size));
      this.#owned.add(copy);
      this.#results.set(window, { data: copy, offset: 0 });
    }
  }
}
