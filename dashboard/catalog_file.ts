/** @module Where the index of a home is kept on this machine. */
import { createHash } from "node:crypto";
import { join } from "node:path";
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
