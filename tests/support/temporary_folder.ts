/** Runs with a fresh folder that is gone afterwards. */
export async function withFolder<T>(
  fn: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "uptake-test-" });
  try {
    return await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
