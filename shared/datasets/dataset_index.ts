/**
 * The index of a dataset: a record of its cases and of the version of each file, kept in a home so that its files
 * need not be listed again and two states of it can be told apart.
 * @module
 */
import { z } from "zod";
import type { ObjectStore } from "../storage/object_store.ts";
import { caseSchema, layoutSchema } from "./dataset.ts";
import { findEtags, scanDigest } from "./digest.ts";
import type { Channel } from "./layouts.ts";
import { matchCases } from "./match_cases.ts";
import { scanDataset, type ScannedDataset } from "./scan_dataset.ts";

/** A case of an index: what a run needs of it, and which versions of its files were there. */
export const indexedCaseSchema = caseSchema.extend({
  etags: z.array(z.string()).min(1),
});
export type IndexedCase = z.infer<typeof indexedCaseSchema>;

/** `<home>/datasets/<name>.json`. */
export const datasetIndexSchema = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  location: z.string(),
  layout: layoutSchema,
  /** Empty where nothing names them. */
  channels: z.array(z.string()),
  /** Names by label value; null where nothing names them. */
  classes: z.array(z.string()).nullable(),
  /** Of all files of cases, also of those that are no case yet as a channel is missing. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  indexedAt: z.iso.datetime(),
  /** Those that have every channel once, in order of their ids. */
  cases: z.array(indexedCaseSchema),
});
export type DatasetIndex = z.infer<typeof datasetIndexSchema>;

export interface IndexOptions {
  /** @default what the dataset calls itself, else its folder */
  readonly name?: string;
  readonly now?: Date;
  readonly signal?: AbortSignal;
}

/**
 * Indexes a dataset. Of a bucket only the listing is read; of a folder every file is, to tell its version.
 *
 * @throws {SyntaxError} {RangeError} as {@linkcode scanDataset}.
 */
export async function indexDataset(
  store: ObjectStore,
  { name, now = new Date(), signal }: IndexOptions = {},
): Promise<DatasetIndex> {
  const scan = await scanDataset(store, signal);
  const etags = await findEtags(store, scan, signal);
  const { matched } = matchCases(scan, scan.channels.map((_, n) => n));
  const ref = (key: string) => ({ store: store.location, key });
  const etagOf = (key: string) => etags.get(key) ?? "";
  return {
    format: 1,
    name: name ?? scan.name,
    location: scan.location,
    layout: scan.layout,
    channels: channelNames(scan),
    classes: scan.classes === null ? null : [...scan.classes],
    digest: scanDigest(scan, etags),
    indexedAt: now.toISOString(),
    cases: matched.map(({ images, label, ...item }): IndexedCase => ({
      ...item,
      images: images.map(({ key }) => ref(key)),
      ...(label === undefined
        ? {}
        : { label: ref(label.key), labelEtag: etagOf(label.key) }),
      unit: scan.channels[0]!.unit,
      bytes: images.reduce((sum, { bytes }) => sum + bytes, 0),
      etags: images.map(({ key }) => etagOf(key)),
    })),
  };
}

/** The names of a dataset's channels, none where not all are named. */
export function channelNames({ channels }: ScannedDataset): string[] {
  const names = channels.map(({ name }: Channel) => name);
  return names.every((name) => name !== null) ? names : [];
}
