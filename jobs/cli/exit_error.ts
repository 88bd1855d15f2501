/** @module A failure that a scheduler tells from others by its exit code. */
import type { ExitCode } from "./context.ts";

/** Ends the program with the given exit code and its message, without a stack. */
export class ExitError extends Error {
  override readonly name = "ExitError";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
