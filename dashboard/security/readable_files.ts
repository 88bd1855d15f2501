/**
 * Which of the files that records name are read for whoever looks. Whoever may write to a home writes its records, and
 * the dashboard reads with its own rights: where others than the one who started it may look, it reads only what lies
 * in the home, or under a location that it was started with.
 * @module
 */
import { isAbsolute, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { FileRef } from "../../shared/datasets/dataset.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";

export interface ReadableFiles {
  /** The store with checkpoints and runs; it may be read. */
  readonly home: ObjectStore;
  open(location: string): ObjectStore;
  /** Locations under which files may be read besides; null: one person uses the dashboard, with their own rights. */
  readonly readableRoots: readonly string[] | null;
}

/** Where a file is read; null where it may not be. */
export function readableFile(
  { home, open, readableRoots }: ReadableFiles,
  { store, key }: FileRef,
): { readonly store: ObjectStore; readonly key: string } | null {
  const named = open(store);
  if (readableRoots === null) return { store: named, key };
  for (const root of [home.location, ...readableRoots]) {
    const keyThere = keyBelow(root, named.location, key);
    if (keyThere === null) continue;
    // Opened at the root, whose store follows no link out of it.
    return {
      store: root === home.location ? home : open(root),
      key: keyThere,
    };
  }
  return null;
}

/** The key below `root` of an object of the store at `location`; null where it lies elsewhere. */
function keyBelow(root: string, location: string, key: string): string | null {
  if (root.startsWith("file:")) {
    if (!location.startsWith("file:")) return null;
    const path = relative(
      fileURLToPath(root),
      join(fileURLToPath(location), key),
    );
    const isBelow = path !== "" && !isAbsolute(path) &&
      path !== ".." && !path.startsWith(`..${sep}`);
    return isBelow ? path.replaceAll(sep, "/") : null;
  }
  const above = `${root.replace(/\/$/, "")}/`;
  const whole = `${location}/${key}`;
  return whole.startsWith(above) ? whole.slice(above.length) : null;
}
