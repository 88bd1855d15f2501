/** @module From the files of a case to its table of lesions. Takes seconds and much memory for a large scan. */
import { CaseError } from "../../shared/case_error.ts";
import { readNifti, readNiftiLabel } from "../../shared/imaging/nifti/read.ts";
import { gridDifference } from "../../shared/metrics/same_grid.ts";
import { type LesionTable, tabulateLesions } from "./lesion_table.ts";

/** What the files hold. */
export interface LesionFiles {
  readonly mask: Uint8Array<ArrayBuffer>;
  readonly label: Uint8Array<ArrayBuffer> | null;
  /** Null where its values are not SUV. */
  readonly image: Uint8Array<ArrayBuffer> | null;
}

/** What comes of a case: its table, or in a sentence why there is none. */
export type ReadLesions =
  | { readonly table: LesionTable }
  | { readonly reason: string };

/** @param classes names by value; the first is the background */
export function measureLesions(
  files: LesionFiles,
  classes: readonly string[],
): ReadLesions {
  let name = "mask";
  try {
    const { volume: mask } = readNiftiLabel(files.mask);
    name = "label";
    const label = files.label && readNiftiLabel(files.label).volume;
    name = "image";
    const image = files.image && readNifti(files.image).volume;
    for (const [name, other] of [["label", label], ["image", image]] as const) {
      const difference = other &&
        gridDifference(mask, "the mask", other, `the ${name}`);
      if (difference !== null) {
        return { reason: `The grids differ: ${difference}` };
      }
    }
    return { table: tabulateLesions({ mask, label, image, classes }) };
  } catch (error) {
    if (error instanceof CaseError) {
      return { reason: `The ${name} cannot be read: ${error.message}` };
    }
    // Memory has run out.
    if (error instanceof RangeError) {
      return { reason: `The ${name} is too large to be measured here` };
    }
    throw error;
  }
}
