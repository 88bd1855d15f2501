/**
 * Which file of which store holds a case's image, label, mask or picture. Only records say so: nothing that a
 * request holds becomes part of a key.
 * @module
 */
import type { Catalog } from "../../shared/catalog/open_catalog.ts";
import {
  type CaseFiles,
  caseFiles,
} from "../../shared/catalog/queries/case_files.ts";
import type { FileRef } from "../../shared/datasets/dataset.ts";
import { MASK_FILE } from "../../shared/runs/commit.ts";
import { readRecord } from "../../shared/runs/record_io.ts";
import { resultSchema } from "../../shared/runs/records.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { substore } from "../../shared/storage/substore.ts";
import {
  readableFile,
  type ReadableFiles,
} from "../security/readable_files.ts";

/** As segmenting names the coronal projection with mask and label. */
const PICTURE_FILE = "mip.png";

export const CASE_FILES = ["image", "label", "mask", "picture"] as const;
export type CaseFileKind = typeof CASE_FILES[number];

export interface CaseFile {
  readonly store: ObjectStore;
  readonly key: string;
  /** Known of files that a run committed. */
  readonly sha256: string | null;
  readonly contentType: string;
  /** How it is called where somebody keeps it. */
  readonly fileName: string;
}

/** A file, or a sentence that says why it is not read. */
export type FoundFile = CaseFile | { readonly refused: string };

/** What finding a file takes. */
export interface CaseFileDeps extends ReadableFiles {
  readonly catalog: Catalog;
}

/** Null where the run, the case or such a file of it is not known. */
export async function findCaseFile(
  deps: CaseFileDeps,
  runId: string,
  caseId: string,
  kind: CaseFileKind,
): Promise<FoundFile | null> {
  const files = caseFiles(deps.catalog, runId, caseId);
  return files === null ? null : await fileOf(deps, files, kind);
}

/** The first channel stands for the image: PET figures are measured on it. */
export async function fileOf(
  deps: CaseFileDeps,
  files: CaseFiles,
  kind: CaseFileKind,
): Promise<FoundFile | null> {
  if (kind === "image") return ofRef(deps, files, kind, files.images[0]);
  if (kind === "label") return ofRef(deps, files, kind, files.label);
  const name = kind === "mask" ? MASK_FILE : PICTURE_FILE;
  const output = files.outputs.find((one) => one.name === name);
  if (output !== undefined) {
    return {
      store: substore(deps.home, `runs/${files.runId}`),
      key: output.key,
      sha256: output.sha256,
      ...kindOf(output.key, files.caseId, kind),
    };
  }
  return kind === "mask"
    ? ofRef(deps, files, kind, await maskInput(deps, files))
    : null;
}

/** An evaluation makes no masks: it says which it read. */
async function maskInput(
  { home }: CaseFileDeps,
  { state, resultKey }: CaseFiles,
): Promise<FileRef | undefined> {
  if (state !== "done") return undefined;
  const result = await readRecord(home, resultKey, resultSchema);
  return result?.inputs.find(({ role }) => role === "mask");
}

/** As datasets call images; nothing else that a record names is read. */
const IMAGE_NAME = /\.nii(\.gz)?$/i;

function ofRef(
  deps: CaseFileDeps,
  { caseId }: CaseFiles,
  kind: CaseFileKind,
  ref: FileRef | null | undefined,
): FoundFile | null {
  if (ref === null || ref === undefined) return null;
  if (!IMAGE_NAME.test(ref.key)) {
    return { refused: `The file that the record names as ${kind} is no image` };
  }
  let found: ReturnType<typeof readableFile>;
  try {
    found = readableFile(deps, ref);
  } catch (error) {
    if (!isNoLocation(error)) throw error;
    return {
      refused:
        `The record says of the ${kind} where none can be: ${error.message}`,
    };
  }
  if (found === null) {
    return {
      refused:
        `The ${kind} lies in ${ref.store}, which is not shown here: whoever starts the dashboard names it with --datasets, or what it lies in with --dataset-roots`,
    };
  }
  return { ...found, sha256: null, ...kindOf(ref.key, caseId, kind) };
}

/** Whoever opens stores may say it in words of their own, with this as the cause. */
function isNoLocation(error: unknown): error is Error {
  return error instanceof Error &&
    (error instanceof SyntaxError || error.cause instanceof SyntaxError);
}

function kindOf(
  key: string,
  caseId: string,
  kind: CaseFileKind,
): Pick<CaseFile, "contentType" | "fileName"> {
  if (kind === "picture") {
    return { contentType: "image/png", fileName: `${caseId}.png` };
  }
  const isGzip = key.toLowerCase().endsWith(".gz");
  return {
    contentType: isGzip ? "application/gzip" : "application/octet-stream",
    fileName: `${caseId}-${kind}.nii${isGzip ? ".gz" : ""}`,
  };
}
