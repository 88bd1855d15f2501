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
