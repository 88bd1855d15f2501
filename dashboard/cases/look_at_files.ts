/** @module What of a case there is to be shown, and why the rest is not: told before a browser loads it. */
import { CaseError } from "../../shared/case_error.ts";
import type { CaseDetail } from "../../shared/catalog/queries/case_detail.ts";
import { LONGEST_HEADER } from "../../shared/imaging/nifti/header.ts";
import { readNiftiHeader } from "../../shared/imaging/nifti/read.ts";
import { bytesText } from "../../shared/units_text.ts";
import { type CaseFileDeps, type CaseFileKind, fileOf } from "./case_files.ts";
import { LONGEST_SIDE, MOST_BYTES } from "./limits.ts";

export type FileState =
  | { readonly state: "there"; readonly bytes: number }
  /** There is none, and none is to be expected. */
  | { readonly state: "none" }
  | {
    readonly state: "missing" | "tooLarge" | "unreadable" | "unreachable";
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
  return { image, label, mask };
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
    const start = await file.store.peek(file.key, START_BYTES, signal);
    if (start === null) {
      return {
        state: "missing",
        reason: `The ${kind} is not where the record says`,
      };
    }
    const { bytes, body } = start;
    const tooLarge = largenessOf(kind, bytes, body);
    return tooLarge === null
      ? { state: "there", bytes }
      : { state: "tooLarge", reason: tooLarge };
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

/** Why it is too large to be shown; null: it is not. */
function largenessOf(
  kind: CaseFileKind,
  bytes: number,
  start: Uint8Array,
): string | null {
  const limit = `more than the ${
    bytesText(MOST_BYTES)
  } that a browser can be asked to show`;
  if (bytes > MOST_BYTES) {
    return `The ${kind} has ${bytesText(bytes)}, ${limit}`;
  }
  if (start.length < LONGEST_HEADER) return null;
  const { byteCount, shape } = readNiftiHeader(start, {
    maxVoxels: Number.MAX_SAFE_INTEGER,
  });
  if (byteCount > MOST_BYTES) {
    return `The ${kind} has ${bytesText(byteCount)} unpacked, ${limit}`;
  }
  return Math.max(...shape) > LONGEST_SIDE
    ? `The ${kind} has ${
      shape.join(" x ")
    } voxels, and graphics processors hold ${LONGEST_SIDE} along a side`
    : null;
}
