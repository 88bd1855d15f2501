/** @module The files of one case: what its plan and its result name, found without a look at the other cases. */
import type { z } from "zod";
import { resultKey } from "../../runs/keys.ts";
import type { Catalog } from "../open_catalog.ts";
import { caseDetailSchema } from "./case_detail.ts";

/** What of a case says where its files are. */
export const caseFilesSchema = caseDetailSchema.pick({
  runId: true,
  caseId: true,
  state: true,
  images: true,
  label: true,
  outputs: true,
  resultKey: true,
});

export type CaseFiles = z.infer<typeof caseFilesSchema>;

/** Null where the run, or the case in it, is not known. */
export function caseFiles(
  catalog: Catalog,
  runId: string,
  caseId: string,
): CaseFiles | null {
  const row = catalog.get(
    `SELECT r.folder AS runId, c.caseId, c.state, files.images, files.label, files.outputs
     FROM runs r JOIN cases c ON c.runId = r.id JOIN caseFiles files ON files.caseRow = c.id
     WHERE r.folder = ? AND c.caseId = ?`,
    runId,
    caseId,
  );
  if (row === undefined) return null;
  return caseFilesSchema.parse({
    ...row,
    images: parsed(row.images) ?? [],
    label: parsed(row.label),
    outputs: parsed(row.outputs) ?? [],
    resultKey: `runs/${runId}/${resultKey(caseId)}`,
  });
}

function parsed(json: unknown): unknown {
  return typeof json === "string" ? JSON.parse(json) : null;
}
