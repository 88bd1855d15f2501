/** @module Which records were read already, where no row of their own tells so. */
import type { IndexContext } from "./context.ts";
import type { Found } from "./read_new.ts";

/** Those that were not read yet, or have changed since. */
export function unseen(
  { catalog }: Pick<IndexContext, "catalog">,
  found: readonly Found[],
): Found[] {
  return found.filter(({ key, version }) =>
    catalog.get("SELECT version FROM seen WHERE key = ?", key)?.version !==
      version
  );
}

/** To be called within the transaction that takes the record in. */
export function markSeen(
  { catalog }: Pick<IndexContext, "catalog">,
  { key, version }: Found,
): void {
  catalog.run(
    "INSERT OR REPLACE INTO seen (key, version) VALUES (?, ?)",
    key,
    version,
  );
}

/**
 * Keys of records below a folder that were read.
 *
 * @param prefix ends with a slash
 */
export function seenBelow(
  { catalog }: Pick<IndexContext, "catalog">,
  prefix: string,
): string[] {
  return catalog.all(
    "SELECT key FROM seen WHERE key > ? AND key < ?",
    prefix,
    // "0" is the character after "/".
    `${prefix.slice(0, -1)}0`,
  ).map(({ key }) => String(key));
}

/** To be called within the transaction that takes back what the record told. */
export function forgetSeen(
  { catalog }: Pick<IndexContext, "catalog">,
  key: string,
): void {
  catalog.run("DELETE FROM seen WHERE key = ?", key);
}
