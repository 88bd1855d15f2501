/**
 * Which dataset a run's cases are from, and what made its masks. A dataset is told by its location: whatever it is
 * called, and whichever cases come and go, it stays the same one. A checkpoint is told by its sha256.
 * @module
 */
import { createHash } from "node:crypto";
import type { Run } from "../../runs/records.ts";
import type { Catalog } from "../open_catalog.ts";

export interface DatasetIdentity {
  readonly key: string;
  readonly name: string;
  /** Of its state at that time, where it was told. */
  readonly digest: string | null;
  readonly location: string;
}

export interface CheckpointIdentity {
  readonly key: string;
  readonly kind: "checkpoint" | "ensemble" | "masks";
  readonly name: string;
}

export function datasetOf(run: Run): DatasetIdentity {
  if (run.kind === "segment" && run.dataset !== undefined) {
    const { name, digest = null, location } = run.dataset;
    return datasetIdentity(name, digest, location);
  }
  const stores = run.kind === "evaluate"
    ? [run.labels]
    : run.cases.flatMap(({ images }) => images.map(({ store }) => store));
  const locations = [...new Set(stores)].sort();
  const name = locations.map(lastPart).join(" + ");
  return datasetIdentity(name, null, locations.join(" "));
}

export function datasetIdentity(
  name: string,
  digest: string | null,
  location: string,
): DatasetIdentity {
  return { key: hashOf([location]).slice(0, 32), name, digest, location };
}

export function checkpointOf(run: Run): CheckpointIdentity {
  if (run.kind === "evaluate") {
    return {
      key: hashOf([run.masks]),
      kind: "masks",
      name: lastPart(run.masks),
    };
  }
  const [only, ...others] = run.checkpoints;
  if (only !== undefined && others.length === 0) {
    return { key: only.sha256, kind: "checkpoint", name: only.name };
  }
  return {
    key: hashOf(run.checkpoints.map(({ sha256 }) => sha256).sort()),
    kind: "ensemble",
    name: run.checkpoints.map(({ name }) => name).join(" + "),
  };
}

/**
 * Its row, made where there is none. It is called as the newest record calls it, whichever comes first; other names
 * are kept beside.
 *
 * @param namedAt when the record was made
 */
export function datasetRow(
  catalog: Catalog,
  { key, name, location }: Omit<DatasetIdentity, "digest">,
  namedAt: string,
): number {
  catalog.run(
    `INSERT INTO datasets (key, name, location, namedAt) VALUES (?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE
     SET name = excluded.name, namedAt = excluded.namedAt
     WHERE (excluded.namedAt, excluded.name) > (namedAt, name)`,
    key,
    name,
    location,
    namedAt,
  );
  const id = idOf(catalog, "datasets", key);
  catalog.run("INSERT OR IGNORE INTO datasetNames VALUES (?, ?)", id, name);
  return id;
}

/** Its row, made where there is none. A registered name stands, else the first in the alphabet. */
export function checkpointRow(
  catalog: Catalog,
  { key, kind, name }: CheckpointIdentity,
): number {
  catalog.run(
    `INSERT INTO checkpoints (key, kind, name) VALUES (?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET name = min(name, excluded.name) WHERE registeredAt IS NULL`,
    key,
    kind,
    name,
  );
  return idOf(catalog, "checkpoints", key);
}

function idOf(
  catalog: Catalog,
  table: "datasets" | "checkpoints",
  key: string,
): number {
  return Number(
    catalog.get(`SELECT id FROM ${table} WHERE key = ?`, key)?.id,
  );
}

function hashOf(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** A location's last folder: what people call it. */
function lastPart(location: string): string {
  const path = location.replace(/\/+$/, "");
  const name = path.slice(path.lastIndexOf("/") + 1);
  try {
    return location.startsWith("file:") ? decodeURIComponent(name) : name;
  } catch (error) {
    if (error instanceof URIError) return name;
    throw error;
  }
}
