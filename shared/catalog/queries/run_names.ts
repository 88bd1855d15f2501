/** @module What the records of a run call it and its classes. */
import { z } from "zod";
import type { Catalog } from "../open_catalog.ts";

export interface RunNames {
  /** As its records call it; its folder's name, unless somebody chose another folder. */
  readonly recordId: string;
  /** Names of the foreground classes. */
  readonly classes: readonly string[];
}

const classesSchema = z.array(z.string());

/** Null where the run is not known. */
export function runNames(catalog: Catalog, runId: string): RunNames | null {
  const row = catalog.get(
    "SELECT recordId, classes FROM runs WHERE folder = ?",
    runId,
  );
  if (row === undefined) return null;
  return {
    recordId: String(row.recordId),
    classes: classesSchema.parse(JSON.parse(String(row.classes))),
  };
}
