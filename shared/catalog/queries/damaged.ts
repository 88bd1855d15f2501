/** @module The cases of a run whose records cannot be understood. */
import type { Damage } from "../../runs/records.ts";
import type { Catalog } from "../open_catalog.ts";

/** In order of their ids; none where the run is not known. */
export function damagedCases(catalog: Catalog, runId: string): Damage[] {
  const run = catalog.get(
    "SELECT id FROM runs WHERE folder = ? AND nDamaged > 0",
    runId,
  );
  if (run === undefined) return [];
  return catalog.all(
    "SELECT caseId, damage FROM cases WHERE runId = ? AND state = 'damaged' ORDER BY caseId",
    Number(run.id),
  ).map(({ caseId, damage }) => ({
    caseId: String(caseId),
    problem: `Case "${caseId}" has a record that cannot be used. ${damage}`,
    isRecord: true,
  }));
}
