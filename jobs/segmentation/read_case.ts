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
import { gridDifference } from "../../shared/metrics/same_grid.ts";
import type { Input } from "../../shared/runs/records.ts";
import type {
  ObjectStore,
  StoredObject,
} from "../../shared/storage/object_store.ts";

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
  const read = async <T>(
    ref: FileRef,
    role: Input["role"],
    parse: (bytes: Uint8Array) => T,
  ) => {
    const { content, input } = await readInput(ref, role, open, parse);
    inputs.push(input);
    return content;
  };
  const [firstRef, ...otherRefs] = item.images;
  const first = await read(firstRef!, "image", readNifti);
  const channels: Volume[] = [first.volume];
  for (const ref of otherRefs) {
    const { volume } = await read(ref, "image", readNifti);
    channels.push(resampleOnto(volume, first.volume));
  }
  const label = item.label === undefined
    ? undefined
    : (await read(item.label, "label", readNiftiLabel)).volume;
  // Told before the network runs, not when its mask is measured.
  const difference = label &&
    gridDifference(first.volume, "its image", label, "its label");
  if (difference) {
    throw new CaseError("label", `the grids differ: ${difference}`);
  }
  return { channels, header: first.header, label, inputs };
}

/**
 * A file of a case, as `parse` reads it, and which version of it was read.
 *
 * @throws {CaseError} when it is missing or too large, and what `parse` throws, told with the file's name.
 */
export async function readInput<T>(
  ref: FileRef,
  role: Input["role"],
  open: (location: string) => ObjectStore,
  parse: (bytes: Uint8Array) => T,
): Promise<{ content: T; input: Input }> {
  const { body, etag, bytes } = await readFile(ref, role, open);
  const input: Input = { ...ref, role, etag, bytes };
  try {
    return { content: parse(body), input };
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    throw new CaseError(
      error.kind,
      `its ${role} ${ref.key}: ${error.problem}`,
      { cause: error.cause },
    );
  }
}

async function readFile(
  { store, key }: FileRef,
  role: Input["role"],
  open: (location: string) => ObjectStore,
): Promise<StoredObject> {
  let object;
  try {
    object = await open(store).get(key, { maxBytes: MAX_IMAGE_BYTES });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new CaseError("unreadable", `its ${role} ${key} is too large`, {
      cause,
    });
  }
  if (object === null) {
    throw new CaseError("unreadable", `its ${role} ${key} is not there`);
  }
  return object;
}
