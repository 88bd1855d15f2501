/** @module The cases of a run one after the other, for whoever takes them all. */
import type { Catalog } from "../open_catalog.ts";
import { measureId } from "../schema.ts";
import { CASE_COLUMNS, type CaseRow, caseRowOf } from "./case_row.ts";

/**
 * The next cases in the order of their ids: whoever goes on from the last one meets each once, whatever is indexed
 * meanwhile.
 *
 * @param classIndex of the class whose figures they have
 * @param last the id of the last case; empty: from the first one on
 */
export function casesAfter(
  catalog: Catalog,
  { runId, classIndex }: {
    readonly runId: string;
    readonly classIndex: number;
  },
  last: string,
  limit: number,
): CaseRow[] {
  return catalog.all(
    `SELECT ${CASE_COLUMNS} FROM runs r JOIN cases c ON c.runId = r.id
     LEFT JOIN measures m ON m.id = ${measureId("c.id", "?")}
     WHERE r.folder = ? AND c.caseId > ? ORDER BY c.caseId LIMIT ?`,
    classIndex,
    runId,
    last,
    limit,
  ).map(caseRowOf);
}
