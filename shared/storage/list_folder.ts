/**
 * Files below a folder in the order a bucket lists them.
 * @module
 */
import { compareUtf8, isKey } from "./key.ts";
import type { ListOptions, ObjectInfo } from "./object_store.ts";
import { isMissing } from "./file_failure.ts";

/**
 * Yields files whose path below `root` starts with `prefix`, in UTF-8 byte order of these paths,
 * holding the names of one folder per level in memory. Left out is what cannot be asked for:
 * temporary files, names that are not keys, links to folders or to nothing. A link out of `root` is
 * listed with the link's own size and time, so that reading it can say what is wrong.
 *
 * @param root absolute path without symbolic links.
 */
export async function* listFolder(
  root: string,
  prefix: string,
  { startAfter = "", signal }: ListOptions,
): AsyncIterable<ObjectInfo> {
  const start = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  // A prefix such as "a/b/" starts the walk in a folder that a link may stand for.
  const folder = start === "" ? root : `${root}/${start.slice(0, -1)}`;
  if (start !== "" && await realPathOrNull(folder) !== folder) return;
  yield* walk(start);

  async function* walk(below: string): AsyncIterable<ObjectInfo> {
    for (const name of await sortedNames(`${root}/${below}`)) {
      signal?.throwIfAborted();
      const key = below + name;
      if (!key.startsWith(prefix)) continue;
      if (name.endsWith("/")) {
        const allBefore = compareUtf8(key, startAfter) < 0 &&
          !startAfter.startsWith(key);
        if (!allBefore) yield* walk(key);
      } else if (compareUtf8(key, startAfter) > 0 && isKey(key)) {
        const info = await describe(root, key);
        if (info !== null) yield info;
      }
    }
  }
}

/**
 * Yields the names of folders below `prefix` in which there is a file that {@linkcode listFolder} yields.
 *
 * @param root as of {@linkcode listFolder}
 * @param prefix ends with a slash
 */
export async function* foldersIn(
  root: string,
  prefix: string,
  { startAfter = "", signal }: ListOptions,
): AsyncIterable<string> {
  const path = `${root}/${prefix.slice(0, -1)}`;
  if (await realPathOrNull(path) !== path) return;
  for (const name of await sortedNames(path)) {
    const folder = prefix + name;
    if (!name.endsWith("/") || compareUtf8(folder, startAfter) <= 0) continue;
    for await (const _ of listFolder(root, folder, signal ? { signal } : {})) {
      yield name.slice(0, -1);
      break;
    }
  }
}

/**
 * The names in a folder, folders with a slash at their end: sorted so, a file `a.txt` stands before
 * everything in a folder `a`, as it does among keys. A folder that vanished holds nothing.
 */
async function sortedNames(path: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(path)) {
      names.push(entry.isDirectory ? `${entry.name}/` : entry.name);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return names.sort(compareUtf8);
}

async function describe(root: string, key: string): Promise<ObjectInfo | null> {
  const path = `${root}/${key}`;
  try {
    let info = await Deno.lstat(path);
    if (info.isSymlink) {
      const real = await Deno.realPath(path);
      const inside = real.startsWith(root === "/" ? "/" : `${root}/`);
      const target = await Deno.stat(real);
      if (!target.isFile) return null;
      if (inside) info = target;
    } else if (!info.isFile) return null;
    return { key, bytes: info.size, modifiedAt: info.mtime ?? new Date(0) };
  } catch (error) {
    if (isMissing(error) || error instanceof Deno.errors.FilesystemLoop) {
      return null;
    }
    throw error;
  }
}

async function realPathOrNull(path: string): Promise<string | null> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
