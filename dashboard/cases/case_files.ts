/**
 * Which file of which store holds a case's image, label, mask or picture. Only records say so: nothing that a
 * request holds becomes part of a key.
 * @module
 */
import type { Catalog } from "../../shared/catalog/open_catalog.ts";
import {
  type CaseDetail,
  caseDetail,
} from "../../shared/catalog/queries/case_detail.ts";
import type { FileRef } from "../../shared/datasets/dataset.ts";
import { MASK_FILE } from "../../shared/runs/commit.ts";
import { readRecord } from "../../shared/runs/record_io.ts";
import { resultSchema } from "../../shared/runs/records.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import { substore } from "../../shared/storage/substore.ts";

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

/** What finding a file takes. */
export interface CaseFileDeps {
  readonly home: ObjectStore;
  readonly catalog: Catalog;
  open(location: string): ObjectStore;
}

/** Null where the run, the case or such a file of it is not known. */
export async function findCaseFile(
  deps: CaseFileDeps,
  runId: string,
  caseId: string,
  kind: CaseFileKind,
): Promise<CaseFile | null> {
  const detail = caseDetail(deps.catalog, runId, caseId);
  return detail === null ? null : await fileOf(deps, detail, kind);
}

/** The first channel stands for the image: PET figures are measured on it. */
export async function fileOf(
  deps: CaseFileDeps,
  detail: CaseDetail,
  kind: CaseFileKind,
): Promise<CaseFile | null> {
  if (kind === "image") return ofRef(deps, detail, kind, detail.images[0]);
  if (kind === "label") return ofRef(deps, detail, kind, detail.label);
  const name = kind === "mask" ? MASK_FILE : PICTURE_FILE;
  const output = detail.outputs.find((one) => one.name === name);
  if (output !== undefined) {
    return {
      store: substore(deps.home, `runs/${detail.runId}`),
      key: output.key,
      sha256: output.sha256,
      ...kindOf(output.key, detail.caseId, kind),
    };
  }
  return kind === "mask"
    ? ofRef(deps, detail, kind, await maskInput(deps, detail))
    : null;
}

/** An evaluation makes no masks: it says which it read. */
async function maskInput(
  { home }: CaseFileDeps,
  { state, resultKey }: CaseDetail,
): Promise<FileRef | undefined> {
  if (state !== "done") return undefined;
  const result = await readRecord(home, resultKey, resultSchema);
  return result?.inputs.find(({ role }) => role === "mask");
}

function ofRef(
  { open }: CaseFileDeps,
  { caseId }: CaseDetail,
  kind: CaseFileKind,
  ref: FileRef | null | undefined,
): CaseFile | null {
  if (ref === null || ref === undefined) return null;
  return {
    store: open(ref.store),
    key: ref.key,
    sha256: null,
    ...kindOf(ref.key, caseId, kind),
  };
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
