/**
 * Files that survive a crash of the machine once a call has returned.
 * @module
 */
import { dirname } from "node:path";

/**
 * Makes the folder and what is missing above it; new names below `root` are on disk when it returns.
 *
 * @param mayMakeRoot whether `root` itself is made where it is missing
 * @throws {Deno.errors.NotFound} when it is missing and may not be made.
 */
export async function ensureFolder(
  path: string,
  root: string,
  mayMakeRoot = true,
): Promise<void> {
  if (!mayMakeRoot && path.length <= root.length) {
    await Deno.stat(root);
    return;
  }
  try {
    await Deno.mkdir(path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return;
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    await ensureFolder(dirname(path), root, mayMakeRoot);
    return await ensureFolder(path, root, mayMakeRoot);
  }
  if (path.length > root.length) await syncFolder(dirname(path));
}

/** Writes a new file; its content is on disk when it returns. */
export async function writeDurably(
  path: string,
  body: Uint8Array<ArrayBuffer>,
): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let written = 0; written < body.length;) {
    written += await file.write(body.subarray(written));
  }
  await file.sync();
}

/** Puts the names in a folder on disk. */
export async function syncFolder(path: string): Promise<void> {
  using folder = await Deno.open(path);
  await folder.sync();
}

/** Removes a file where that is possible; for what would stay behind after a failure. */
export async function removeQuietly(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch {
    // It was renamed, never made, or cannot be removed: stores never show it.
  }
}
