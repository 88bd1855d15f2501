/** @module Work on many items, a few at a time. */

/**
 * Calls `work` on every item, at most `limit` at a time, and returns its results in the items' order. After an
 * error no further item is begun, and what has been begun is waited for.
 *
 * @throws what `work` threw first.
 */
export async function mapParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const entries = items.entries();
  const errors: unknown[] = [];
  async function lane(): Promise<void> {
    for (const [index, item] of entries) {
      if (errors.length > 0) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        errors.push(error);
      }
    }
  }
  await Promise.all(
    Array.from({ length: Math.min(limit, items.length) }, lane),
  );
  if (errors.length > 0) throw errors[0];
  return results;
}
