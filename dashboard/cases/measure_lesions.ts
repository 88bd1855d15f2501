/** @module From the files of a case to its table of lesions. Takes seconds and much memory for a large scan. */
import { CaseError } from "../../shared/case_error.ts";
import { readNifti, readNiftiLabel } from "../../shared/imaging/nifti/read.ts";
import type { Volume, VoxelArray } from "../../shared/imaging/volume.ts";
import { gridDifference } from "../../shared/metrics/same_grid.ts";
import { type LesionTable, tabulateLesions } from "./lesion_table.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What a file holds; null where there is none; a sentence where it cannot be had. */
export type LesionFile = Bytes | string | null;

export interface LesionFiles {
  readonly mask: LesionFile;
  readonly label: LesionFile;
  /** Null also where its values are not SUV. */
  readonly image: LesionFile;
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
  const mask = readAs("mask", files.mask, readNiftiLabel);
  if (mask === null) return { reason: "There is no mask" };
  if (typeof mask === "string") return { reason: mask };
  const label = onGridOf(
    mask,
    "label",
    readAs("label", files.label, readNiftiLabel),
  );
  if (typeof label === "string") return { reason: label };
  const image = onGridOf(
    mask,
    "image",
    readAs("image", files.image, readNifti),
  );
  const [suv, problem] = typeof image === "string"
    ? [null, image]
    : [image, null];
  const table = tabulateLesions({ mask, label, image: suv, classes });
  return { table: { ...table, problem } };
}

/** The volume, or a sentence that says why there is none; what is none already stays. */
function readAs<A extends VoxelArray>(
  name: string,
  file: LesionFile,
  read: (bytes: Bytes) => { readonly volume: Volume<A> },
): Volume<A> | string | null {
  if (file === null || typeof file === "string") return file;
  try {
    return read(file).volume;
  } catch (error) {
    if (error instanceof CaseError) {
      return `The ${name} cannot be read: ${error.message}`;
    }
    // Memory has run out.
    if (error instanceof RangeError) {
      return `The ${name} is too large to be measured here`;
    }
    throw error;
  }
}

function onGridOf<A extends VoxelArray>(
  mask: Pick<Volume, "shape" | "affine">,
  name: string,
  other: Volume<A> | string | null,
): Volume<A> | string | null {
  if (other === null || typeof other === "string") return other;
  const difference = gridDifference(mask, "the mask", other, `the ${name}`);
  return difference === null ? other : `The grids differ: ${difference}`;
}
