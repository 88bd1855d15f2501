/**
 * A dataset's digest: the same for the same files under the same case ids, patients and folds, another one as
 * soon as any of them changes.
 * @module
 */
import { createHash } from "node:crypto";
import type { ObjectStore } from "../storage/object_store.ts";
import { mapParallel } from "./map_parallel.ts";
import type { ScannedDataset } from "./scan_dataset.ts";

/** What of a case the digest tells apart. */
export interface DigestedCase {
  readonly caseId: string;
  readonly patientId?: string | undefined;
  readonly fold?: number | undefined;
  /** ETags of the images that each channel has. */
  readonly images: readonly (readonly string[])[];
  /** ETags of labels. */
  readonly labels: readonly string[];
}

/** Stores that tell no ETags in listings are asked for so many files at once. */
const MOST_REQUESTS = 8;

/** The sha256, in hex, over the cases in any order. */
export function datasetDigest(cases: readonly DigestedCase[]): string {
  const lines = cases.map(({ caseId, images, labels, patientId, fold }) =>
    JSON.stringify([
      caseId,
      images.map((etags) => [...etags].sort()),
      [...labels].sort(),
      patientId ?? null,
      fold ?? null,
    ])
  );
  return createHash("sha256").update(lines.sort().join("\n")).digest("hex");
}

/**
 * The digest of all that a scan found of cases, also of those that are ambiguous or lack a channel: so it does not
 * depend on the checkpoint they are looked at for.
 *
 * @param etags by key, of all their files.
 */
export function scanDigest(
  { cases }: ScannedDataset,
  etags: ReadonlyMap<string, string>,
): string {
  const etagsOf = (files: readonly { readonly key: string }[]) =>
    files.map(({ key }) => etags.get(key) ?? "");
  return datasetDigest(
    cases.map((item) => ({
      ...item,
      images: item.images.map(etagsOf),
      labels: etagsOf(item.labels),
    })),
  );
}

/**
 * The ETags of all files of a scan's cases: as the listing told them, else asked for one by one, for which
 * a folder has to read every file.
 */
export async function findEtags(
  store: ObjectStore,
  { cases }: ScannedDataset,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const etags = new Map<string, string>();
  const unknown: string[] = [];
  for (const { images, labels } of cases) {
    for (const { key, etag } of [...images.flat(), ...labels]) {
      if (etag === undefined) unknown.push(key);
      else etags.set(key, etag);
    }
  }
  await mapParallel(unknown, MOST_REQUESTS, async (key) => {
    const head = await store.head(key, signal);
    // Gone since it was listed: that, too, makes another dataset.
    etags.set(key, head?.etag ?? "");
  });
  return etags;
}
