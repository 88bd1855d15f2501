/** @module Where the index of a home is kept on this machine, and how old it is. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import type { Catalog } from "../shared/catalog/open_catalog.ts";
import { readIfAllowed, type ReadVariable } from "./config.ts";

/** A file per home in the user's cache; in memory where there is none, to be made anew at each start. */
export function catalogPath(homeLocation: string, read: ReadVariable): string {
  const userHome = readIfAllowed(read, "HOME");
  const cache = readIfAllowed(read, "XDG_CACHE_HOME") ||
    (userHome ? join(userHome, ".cache") : "");
  if (cache === "") return ":memory:";
  const name = createHash("sha256").update(homeLocation).digest("hex");
  return join(cache, "uptake", `catalog-${name.slice(0, 16)}.sqlite`);
}

const factSchema = z.object({ value: z.iso.datetime() });

/** When the index last matched the store; null: never. */
export function indexedAtOf(catalog: Catalog): Date | null {
  const fact = factSchema.safeParse(
    catalog.get("SELECT value FROM facts WHERE name = 'indexedAt'"),
  );
  return fact.success ? new Date(fact.data.value) : null;
}
