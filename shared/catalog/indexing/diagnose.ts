/** @module Records that cannot be indexed: kept with the reason, and not read again until they change. */
import type { IndexContext } from "./context.ts";

export interface Diagnosed {
  /** Relative to the home. */
  readonly key: string;
  /** The run's folder, where it is in one. */
  readonly folder: string | null;
  readonly version: string;
  /** What is wrong, as a sentence. */
  readonly reason: string;
}

export function diagnose(
  { catalog, now }: Pick<IndexContext, "catalog" | "now">,
  { key, folder, version, reason }: Diagnosed,
): void {
  catalog.run(
    `INSERT INTO diagnostics (key, folder, version, reason, seenAt) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET version = excluded.version, reason = excluded.reason, seenAt = excluded.seenAt`,
    key,
    folder,
    version,
    reason,
    now().toISOString(),
  );
}

/** To be called once a record is sound, or gone. */
export function undiagnose(
  { catalog }: Pick<IndexContext, "catalog">,
  key: string,
): void {
  catalog.run("DELETE FROM diagnostics WHERE key = ?", key);
}

/** The version of each damaged record of a run, or of the home itself. */
export function diagnosedVersions(
  { catalog }: Pick<IndexContext, "catalog">,
  folder: string | null,
): Map<string, string> {
  const rows = catalog.all(
    "SELECT key, version FROM diagnostics WHERE folder IS ?",
    folder,
  );
  return new Map(
    rows.map(({ key, version }) => [String(key), String(version)]),
  );
}
