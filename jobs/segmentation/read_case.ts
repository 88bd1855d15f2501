/**
 * Reads a case: its images onto one grid, its label where there is one.
 * @module
 */
import { CaseError } from "../../shared/case_error.ts";
import type { Case, FileRef } from "../../shared/datasets/dataset.ts";
import type { NiftiHeader } from "../../shared/imaging/nifti/header.ts";
import { readNifti, readNiftiLabel } from "../../shared/imaging/nifti/read.ts";
import { resampleOnto } from "../../shared/imaging/resample.ts";
import type { Volume } from "../../shared/imaging/volume.ts";
import type { Input } from "../../shared/runs/records.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";

/** The largest file read; a gzipped 400 x 400 x 1000 float scan takes about 400 MB. */
const MAX_IMAGE_BYTES = 1024 ** 3;

export interface CaseVolumes {
  /** One per channel, all on the first one's grid. */
  readonly channels: readonly Volume[];
  /** Of the first channel: masks are written with its geometry. */
  readonly header: NiftiHeader;
  readonly label: Volume<Uint8Array<ArrayBuffer>> | undefined;
  /** What was read, for provenance. */
  readonly inputs: readonly Input[];
}

/**
 * @throws {CaseError} when a file is missing, cannot be read, or its values make no sense.
 */
export async function readCase(
  item: Case,
  open: (location: string) => ObjectStore,
): Promise<CaseVolumes> {
  const inputs: Input[] = [];
  const read = async (ref: FileRef, role: Input["role"]) => {
    const body = await readFile(ref, open);
    inputs.push({ ...ref, role, etag: body.etag, bytes: body.bytes });
    return body.body;
  };
  const [firstRef, ...otherRefs] = item.images;
  const first = readNifti(await read(firstRef!, "image"));
  const channels: Volume[] = [first.volume];
  for (const ref of otherRefs) {
    const { volume } = readNifti(await read(ref, "image"));
    channels.push(resampleOnto(volume, first.volume));
  }
  const label = item.label === undefined
    ? undefined
    : readNiftiLabel(await read(item.label, "label")).volume;
  return { channels, header: first.header, label, inputs };
}

/** A file of a case with its ETag. */
export async function readFile(
  ref: FileRef,
  open: (location: string) => ObjectStore,
): Promise<{ body: Uint8Array<ArrayBuffer>; etag: string; bytes: number }> {
  let object;
  try {
    object = await open(ref.store).get(ref.key, { maxBytes: MAX_IMAGE_BYTES });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CaseError("unreadable", `its file ${ref.key} is too large`, {
      cause,
    });
  }
  if (object === null) {
    throw new CaseError("unreadable", `its file ${ref.key} is not there`);
  }
  return object;
}
