/** @module What of a case there is to be shown, and why the rest is not: told before a browser loads it. */
import { CaseError } from "../../shared/case_error.ts";
import type { CaseDetail } from "../../shared/catalog/queries/case_detail.ts";
import { isGzip } from "../../shared/imaging/nifti/gzip.ts";
import type { NiftiHeader } from "../../shared/imaging/nifti/header.ts";
import {
  checkFileSize,
  readNiftiHeader,
} from "../../shared/imaging/nifti/read.ts";
import { gridDifference } from "../../shared/metrics/same_grid.ts";
import {
  type ReviewVerdict,
  reviewVerdictSchema,
} from "../../shared/runs/reviews.ts";
import { bytesText } from "../../shared/units_text.ts";
import { type CaseFileDeps, type CaseFileKind, fileOf } from "./case_files.ts";
import { LONGEST_SIDE, MOST_BYTES } from "./limits.ts";

export type FileState =
  | {
    readonly state: "there";
    /** Of the file as it is stored. */
    readonly bytes: number;
    readonly header: NiftiHeader;
  }
  /** There is none, and none is to be expected. */
  | { readonly state: "none" }
  | {
    readonly state:
      | "missing"
      | "tooLarge"
      | "unreadable"
      | "unreachable"
      | "elsewhere";
    readonly reason: string;
  };

export type FileStates = Readonly<
  Record<"image" | "label" | "mask", FileState>
>;

/** Enough to unpack any header from. */
const START_BYTES = 64 * 1024;

export async function lookAtFiles(
  deps: CaseFileDeps,
  detail: CaseDetail,
  signal: AbortSignal,
): Promise<FileStates> {
  const look = (kind: "image" | "label" | "mask") =>
    lookAtFile(deps, detail, kind, signal);
  const [image, label, mask] = await Promise.all([
    look("image"),
    look("label"),
    look("mask"),
  ]);
  return {
    image,
    label: onGridOf(image, label, "label"),
    mask: onGridOf(image, mask, "mask"),
  };
}

/** The mask alone, as it is: what it can be laid over is not looked at. */
export async function lookAtMask(
  deps: CaseFileDeps,
  detail: CaseDetail,
  signal: AbortSignal,
): Promise<FileState> {
  return await lookAtFile(deps, detail, "mask", signal);
}

/**
 * What can be said of a mask. Of one that nobody can see anywhere only that it is of no use; one that is merely not
 * shown here may be looked at with another program.
 */
export function verdictsOn({ state }: FileState): readonly ReviewVerdict[] {
  const isGone = state === "none" || state === "missing" ||
    state === "unreadable";
  return isGone ? ["reject"] : reviewVerdictSchema.options;
}

/** One that lies on another grid cannot be laid over the image voxel by voxel. */
function onGridOf(
  image: FileState,
  file: FileState,
  name: string,
): FileState {
  if (image.state !== "there" || file.state !== "there") return file;
  const difference = gridDifference(
    image.header,
    "the image",
    file.header,
    `the ${name}`,
  );
  return difference === null ? file : {
    state: "elsewhere",
    reason: `The ${name} is not shown, as the grids differ: ${difference}`,
  };
}

async function lookAtFile(
  deps: CaseFileDeps,
  detail: CaseDetail,
  kind: CaseFileKind,
  signal: AbortSignal,
): Promise<FileState> {
  try {
    const file = await fileOf(deps, detail, kind);
    if (file === null) return { state: "none" };
    if ("refused" in file) {
      return { state: "unreachable", reason: file.refused };
    }
    const start = await file.store.peek(file.key, START_BYTES, signal);
    if (start === null) {
      return {
        state: "missing",
        reason: `The ${kind} is not where the record says`,
      };
    }
    const { bytes, body } = start;
    if (bytes > MOST_BYTES) return tooLarge(kind, bytesText(bytes));
    const header = readNiftiHeader(body, {
      maxVoxels: Number.MAX_SAFE_INTEGER,
    });
    const { byteCount, shape } = header;
    if (byteCount > MOST_BYTES) {
      return tooLarge(kind, `${bytesText(byteCount)} unpacked`);
    }
    if (Math.max(...shape) > LONGEST_SIDE) {
      return {
        state: "tooLarge",
        reason: `The ${kind} has ${
          shape.join(" x ")
        } voxels, and graphics processors hold ${LONGEST_SIDE} along a side`,
      };
    }
    checkFileSize(header, isGzip(body), bytes);
    return { state: "there", bytes, header };
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    return error.kind === "storage" || error.kind === "configuration"
      ? {
        state: "unreachable",
        reason: `The store of the ${kind} does not answer`,
      }
      : {
        state: "unreadable",
        reason: `The ${kind} cannot be read: ${error.message}`,
      };
  }
}

function tooLarge(kind: CaseFileKind, size: string): FileState {
  return {
    state: "tooLarge",
    reason: `The ${kind} has ${size}, more than the ${
      bytesText(MOST_BYTES)
    } that a browser can be asked to show`,
  };
}
