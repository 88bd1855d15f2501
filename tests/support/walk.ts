/** @module TypeScript files below a folder. */

/** URLs of all `.ts` and `.tsx` files below a folder that may not be there. */
export function walkSync(folder: URL): URL[] {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  return entries.sort((a, b) => a.name < b.name ? -1 : 1).flatMap((entry) =>
    entry.isDirectory
      ? walkSync(new URL(`${entry.name}/`, folder))
      : /\.tsx?$/.test(entry.name)
      ? [new URL(entry.name, folder)]
      : []
  );
}
