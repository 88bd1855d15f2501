/** @module What the viewer is told of a case, as its page holds it. */

export interface ViewerCase {
  readonly unit: "SUV" | "unknown";
  /** Names of the classes, the first of value 1. */
  readonly classes: readonly string[];
  /** Null where there is none to be shown. */
  readonly image: ViewerFile | null;
  readonly label: ViewerFile | null;
  readonly mask: ViewerFile | null;
  /** Where the table of lesions is. */
  readonly lesions: string | null;
}

/** A file, with what its header says by the rules that everything else here follows. */
export interface ViewerFile {
  readonly url: string;
  /** Once it is unpacked. */
  readonly bytes: number;
  /** From voxel indices to RAS+ millimetres, row by row. */
  readonly affine: readonly number[];
  /** A value is what is stored * slope + intercept. */
  readonly slope: number;
  readonly intercept: number;
}
