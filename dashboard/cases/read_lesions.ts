/**
 * Lesion tables of cases, worked out when somebody looks, one at a time, and kept: results never change.
 * @module
 */
import { CaseError } from "../../shared/case_error.ts";
import type { CaseDetail } from "../../shared/catalog/queries/case_detail.ts";
import { readNifti, readNiftiLabel } from "../../shared/imaging/nifti/read.ts";
import { gridDifference } from "../../shared/metrics/same_grid.ts";
import { type CaseFileDeps, type CaseFileKind, fileOf } from "./case_files.ts";
import { type LesionTable, tabulateLesions } from "./lesion_table.ts";
import { MOST_BYTES } from "./limits.ts";

/** Tables kept; the one that was not asked for the longest is forgotten first. */
const MOST_TABLES = 500;

/** What comes of a case: its table, or in a sentence why there is none. */
export type ReadLesions =
  | { readonly table: LesionTable }
  | { readonly reason: string };

export type LesionReader = (
  detail: CaseDetail,
  classes: readonly string[],
  signal: AbortSignal,
) => Promise<ReadLesions>;

export function createLesionReader(deps: CaseFileDeps): LesionReader {
  const kept = new Map<string, LesionTable>();
  let before: Promise<unknown> = Promise.resolve();

  function keep(name: string, table: LesionTable): void {
    kept.delete(name);
    kept.set(name, table);
    const [oldest] = kept.keys();
    if (kept.size > MOST_TABLES && oldest !== undefined) kept.delete(oldest);
  }

  return async (detail, classes, signal) => {
    const { runId, caseId, attempt } = detail;
    const name = JSON.stringify([runId, caseId, attempt]);
    // Volumes fill much memory: those of one case at a time.
    const turn = before.then(async (): Promise<ReadLesions> => {
      signal.throwIfAborted();
      const known = kept.get(name);
      if (known !== undefined) {
        keep(name, known);
        return { table: known };
      }
      const read = await readOne(deps, detail, classes, signal);
      if ("table" in read) keep(name, read.table);
      return read;
    });
    before = turn.catch(() => null);
    return await turn;
  };
}

async function readOne(
  deps: CaseFileDeps,
  detail: CaseDetail,
  classes: readonly string[],
  signal: AbortSignal,
): Promise<ReadLesions> {
  const bytesOf = async (kind: CaseFileKind) => {
    const file = await fileOf(deps, detail, kind);
    const found = await file?.store.get(file.key, {
      maxBytes: MOST_BYTES,
      signal,
    });
    return found?.body ?? null;
  };
  try {
    const maskBytes = await bytesOf("mask");
    if (maskBytes === null) return { reason: "There is no mask" };
    const { volume: mask } = readNiftiLabel(maskBytes);
    const labelBytes = await bytesOf("label");
    const label = labelBytes === null
      ? null
      : readNiftiLabel(labelBytes).volume;
    const imageBytes = detail.unit === "SUV" ? await bytesOf("image") : null;
    const image = imageBytes === null ? null : readNifti(imageBytes).volume;
    for (const [name, other] of [["label", label], ["image", image]] as const) {
      const difference = other === null
        ? null
        : gridDifference(mask, "the mask", other, `the ${name}`);
      if (difference !== null) {
        return { reason: `The grids differ: ${difference}` };
      }
    }
    return { table: tabulateLesions({ mask, label, image, classes }) };
  } catch (error) {
    // A store that does not answer is an outage, not a property of the case.
    if (error instanceof CaseError && error.kind !== "storage") {
      return { reason: `A file cannot be read: ${error.message}` };
    }
    if (error instanceof RangeError) {
      return { reason: "A file is too large to be looked at here" };
    }
    throw error;
  }
}
