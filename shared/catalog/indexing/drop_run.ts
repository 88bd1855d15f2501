/** @module Forgets a run whose folder is gone. */
import type { Catalog } from "../open_catalog.ts";
import { chooseCurrent } from "./choose_current.ts";

/** To be called within a transaction. */
export function dropRun(catalog: Catalog, folder: string): void {
  const run = catalog.get("SELECT id FROM runs WHERE folder = ?", folder);
  const prefix = `runs/${folder}/`;
  catalog.run("DELETE FROM diagnostics WHERE folder = ?", folder);
  catalog.run("DELETE FROM seen WHERE substr(key, 1, length(?1)) = ?1", prefix);
  if (run === undefined) return;
  const id = Number(run.id);
  catalog.run("DELETE FROM groups WHERE runId = ?", id);
  chooseCurrent(catalog, id);
  for (const table of ["caseFiles", "measures", "failures"]) {
    catalog.run(
      `DELETE FROM ${table} WHERE caseRow IN (SELECT id FROM cases WHERE runId = ?)`,
      id,
    );
  }
  for (const table of ["cases", "reviews", "workers"]) {
    catalog.run(`DELETE FROM ${table} WHERE runId = ?`, id);
  }
  catalog.run("DELETE FROM runs WHERE id = ?", id);
}
