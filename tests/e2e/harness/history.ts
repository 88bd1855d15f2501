/**
 * What happened while the harness ran, for whoever has to find out why.
 * @module
 */

/** What of it is shown with a violation. */
const MOST_SHOWN = 150;
/** What is kept. */
const MOST_KEPT = 5000;

/** Something that must never happen. */
export class Violation extends Error {
  override readonly name = "Violation";
}

export class History {
  readonly seed: number;
  readonly #startedAt = performance.now();
  readonly #lines: string[] = [];

  constructor(seed: number) {
    this.seed = seed;
  }

  add(line: string): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    this.#lines.push(`${seconds.toFixed(3).padStart(9)} s  ${line}`);
    if (this.#lines.length > MOST_KEPT) this.#lines.shift();
  }

  /** A violation with all that led to it. */
  violation(what: string): Violation {
    this.add(`VIOLATION: ${what}`);
    const lines = this.#lines.slice(-MOST_SHOWN).join("\n");
    return new Violation(
      `${what}\nseed ${this.seed}; what led to it:\n${lines}`,
    );
  }
}
