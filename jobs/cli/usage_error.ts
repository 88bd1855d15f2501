/** @module Wrong usage: the command cannot be understood, or asks for what cannot be. */

/** Ends the program with exit code 2 and its message, without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
