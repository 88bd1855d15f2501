/**
 * Reads a case: first its files, then what stands in them.
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
export const MAX_IMAGE_BYTES = 1024 ** 3;

/** The files of a case as they are stored. */
export interface CaseFiles {
  readonly images: readonly Uint8Array<ArrayBuffer>[];
  readonly label: Uint8Array<ArrayBuffer> | undefined;
  /** Which files, in which version, for provenance. */
  readonly inputs: readonly Input[];
}

/**
 * Reads the files of a case; nothing is decoded.
 *
 * @throws {CaseError} when one is missing or too large, or is no longer what it was when the case was planned;
 *   what stores throw.
 */
export async function fetchCase(
  item: Case,
  open: (location: string) => ObjectStore,
  signal: AbortSignal,
): Promise<CaseFiles> {
  const inputs: Input[] = [];
  const read = async (
    ref: FileRef,
    role: Input["role"],
    planned: string | undefined,
  ) => {
    const { body, etag, bytes } = await readFile(ref, role, open, signal);
    if (planned !== undefined && planned !== etag) {
      throw new CaseError(
        "unreadable",
        `its ${role} ${ref.key} has changed since the run was planned (ETag ${planned}, now ${etag})`,
      );
    }
    inputs.push({ ...ref, role, etag, bytes });
    return body;
  };
  const images: Uint8Array<ArrayBuffer>[] = [];
  for (const [n, ref] of item.images.entries()) {
    images.push(await read(ref, "image", item.etags?.[n]));
  }
  const label = item.label && await read(item.label, "label", item.labelEtag);
  return { images, label, inputs };
}

export interface CaseVolumes {
  /** One per channel, all on the first one's grid. */
  readonly channels: readonly Volume[];
  /** Of the first channel: masks are written with its geometry. */
  readonly header: NiftiHeader;
  readonly label: Volume<Uint8Array<ArrayBuffer>> | undefined;
}

/**
 * Decodes the files of a case: its images onto one grid, its label where there is one.
 *
 * @throws {CaseError} when a file cannot be read, or its values make no sense.
 */
export function decodeCase(item: Case, files: CaseFiles): CaseVolumes {
  const parsed = files.images.map((bytes, n) =>
    parseFile("image", item.images[n]!.key, () => readNifti(bytes))
  );
  const first = parsed[0]!;
  const channels = parsed.map(({ volume }, n) =>
    n === 0 ? volume : resampleOnto(volume, first.volume)
  );
  const { label: labelBytes } = files;
  const label = labelBytes &&
    parseFile("label", item.label!.key, () => readNiftiLabel(labelBytes))
      .volume;
  // Told before the network runs, not when its mask is measured.
  const difference = label &&
    gridDifference(first.volume, "its image", label, "its label");
  if (difference) {
    throw new CaseError("label", `the grids differ: ${difference}`);
  }
  return { channels, header: first.header, label };
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
  return { content: parseFile(role, ref.key, () => parse(body)), input };
}

/** What `parse` makes of a file; its refusals are told with the file's name. */
function parseFile<T>(role: Input["role"], key: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    throw new CaseError(error.kind, `its ${role} ${key}: ${error.problem}`, {
      cause: error.cause,
    });
  }
}

async function readFile(
  { store, key }: FileRef,
  role: Input["role"],
  open: (location: string) => ObjectStore,
  signal?: AbortSignal,
): Promise<StoredObject> {
  let object;
  try {
    object = await open(store).get(key, {
      maxBytes: MAX_IMAGE_BYTES,
      ...(signal && { signal }),
    });
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
