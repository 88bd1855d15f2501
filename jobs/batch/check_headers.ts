/**
 * Looks at the headers of a case's files, of which the first bytes are enough, and tells what reading it would
 * refuse.
 * @module
 */
import { CaseError, type FailureKind } from "../../shared/case_error.ts";
import type { MatchedCase } from "../../shared/datasets/match_cases.ts";
import { isGzip } from "../../shared/imaging/nifti/gzip.ts";
import type { NiftiHeader } from "../../shared/imaging/nifti/header.ts";
import {
  checkFileSize,
  readNiftiHeader,
} from "../../shared/imaging/nifti/read.ts";
import { gridDifference } from "../../shared/metrics/same_grid.ts";
import type {
  ObjectStart,
  ObjectStore,
} from "../../shared/storage/object_store.ts";
import { MAX_IMAGE_BYTES } from "../segmentation/read_case.ts";

/** Enough for nearly every header, and one packet or few on the way. */
const FIRST_BYTES = 8 * 1024;
/** As many as are looked at when the whole file is there: gzip may keep long extra fields in front. */
const MOST_BYTES = 128 * 1024;

/** A file that reading its case would refuse. */
export interface UnreadableFile {
  readonly caseId: string;
  readonly key: string;
  readonly kind: FailureKind;
  /** As reading it would tell: starts in lower case, no full stop. */
  readonly problem: string;
}

/** What the headers of a case tell. */
export interface CheckedCase {
  /** The first channel's, on whose grid masks are written. */
  readonly header: NiftiHeader;
  /** Of the images, as stored. */
  readonly bytes: number;
  /** The largest file's, decompressed. */
  readonly contentBytes: number;
}

/**
 * Checks the images and the label of a case as {@linkcode readNifti} and the segmentation would, up to the
 * voxels.
 *
 * @throws what the store throws when it cannot be reached.
 */
export async function checkHeaders(
  store: ObjectStore,
  { caseId, images, label }: MatchedCase,
  signal: AbortSignal,
): Promise<CheckedCase | UnreadableFile> {
  let key = "";
  let bytes = 0;
  let contentBytes = 0;
  const look = async (file: { readonly key: string }) => {
    key = file.key;
    const found = await readHeader(store, key, signal);
    contentBytes = Math.max(contentBytes, found.header.byteCount);
    return found;
  };
  try {
    const headers: NiftiHeader[] = [];
    for (const image of images) {
      const found = await look(image);
      bytes += found.bytes;
      headers.push(found.header);
    }
    const header = headers[0]!;
    if (label !== undefined) {
      const difference = gridDifference(
        header,
        "its image",
        (await look(label)).header,
        "its label",
      );
      if (difference !== null) {
        throw new CaseError("label", `the grids differ: ${difference}`);
      }
    }
    return { header, bytes, contentBytes };
  } catch (error) {
    if (!(error instanceof CaseError) || concernsStore(error)) throw error;
    return { caseId, key, kind: error.kind, problem: error.problem };
  }
}

/** Whether every other file would meet the same. */
function concernsStore({ kind }: CaseError): boolean {
  return kind === "storage" || kind === "configuration";
}

async function readHeader(
  store: ObjectStore,
  key: string,
  signal: AbortSignal,
): Promise<{ header: NiftiHeader; bytes: number }> {
  const start = await peek(store, key, FIRST_BYTES, signal);
  try {
    return parse(start);
  } catch (error) {
    const { bytes, body } = start;
    if (!(error instanceof CaseError) || body.length === bytes) throw error;
    return parse(await peek(store, key, MOST_BYTES, signal));
  }
}

async function peek(
  store: ObjectStore,
  key: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<ObjectStart> {
  const start = await store.peek(key, maxBytes, signal);
  if (start === null) throw new CaseError("unreadable", "it is not there");
  if (start.bytes > MAX_IMAGE_BYTES) {
    throw new CaseError("unreadable", "it is too large");
  }
  return start;
}

function parse(
  { body, bytes }: ObjectStart,
): { header: NiftiHeader; bytes: number } {
  const header = readNiftiHeader(body);
  checkFileSize(header, isGzip(body), bytes);
  return { header, bytes };
}
