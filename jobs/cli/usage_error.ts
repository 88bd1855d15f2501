/** @module Wrong usage: the command cannot be understood, or asks for what cannot be. */

/** Ends the program with exit code 2 and its message, without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Does work whose refusals are the user's to mend: such an error becomes a {@linkcode UsageError} with its message.
 *
 * @param refusals classes of errors that are refusals.
 */
export async function asUsage<T>(
  work: () => T | Promise<T>,
  refusals: readonly ErrorConstructor[] = [RangeError],
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (
      !(error instanceof Error) ||
      !refusals.some((refusal) => error instanceof refusal)
    ) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}
