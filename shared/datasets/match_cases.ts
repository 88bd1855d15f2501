/**
 * From the files that a scan found to cases: who has an image for every channel, who has two for one, and what
 * is left over.
 * @module
 */
import { encodeCaseId } from "./case_id.ts";
import type { ListedFile, ScannedCase, UnmatchedFile } from "./gather_cases.ts";
import type { ScannedDataset } from "./scan_dataset.ts";

/** A case with one image per chosen channel. */
export interface MatchedCase {
  readonly caseId: string;
  readonly patientId?: string;
  readonly fold?: number;
  readonly images: readonly ListedFile[];
  readonly label?: ListedFile;
}

/** Files of which nothing tells which one is meant. */
export interface AmbiguousFiles {
  /** null where they share no case. */
  readonly caseId: string | null;
  readonly keys: readonly string[];
  readonly reason: string;
}

export interface MatchedCases {
  /** In order of their ids. */
  readonly matched: readonly MatchedCase[];
  readonly ambiguous: readonly AmbiguousFiles[];
  readonly unmatched: readonly UnmatchedFile[];
}

/** @param channels numbers of the channels that are needed, in the order they are needed in. */
export function matchCases(
  dataset: ScannedDataset,
  channels: readonly number[],
): MatchedCases {
  const byId = new Map<string, MatchedCase[]>();
  const ambiguous: AmbiguousFiles[] = [];
  const unmatched = [...dataset.unmatched];
  for (const item of dataset.cases) {
    const end = matchCase(item, channels, (n) => imageName(dataset, n));
    if ("keys" in end) ambiguous.push(end);
    else if ("caseId" in end) {
      const same = byId.get(end.caseId);
      if (same === undefined) byId.set(end.caseId, [end]);
      else same.push(end);
    } else unmatched.push(...end.unmatched);
  }
  const matched: MatchedCase[] = [];
  for (const [caseId, same] of byId) {
    if (same.length === 1) matched.push(same[0]!);
    else {
      ambiguous.push({
        caseId,
        keys: same.flatMap(({ images }) => images.map(({ key }) => key)),
        reason: `${same.length} cases have the id "${caseId}"`,
      });
    }
  }
  matched.sort((a, b) => a.caseId < b.caseId ? -1 : 1);
  return { matched, ambiguous, unmatched };
}

function imageName({ channels }: ScannedDataset, channel: number): string {
  const name = channels[channel]?.name;
  if (name) return `${name} image`;
  return channels.length === 1 ? "image" : `image of channel ${channel}`;
}

function matchCase(
  item: ScannedCase,
  channels: readonly number[],
  nameImage: (channel: number) => string,
): MatchedCase | AmbiguousFiles | { readonly unmatched: UnmatchedFile[] } {
  const { caseId, labels } = item;
  const keysOf = (files: readonly ListedFile[]) => files.map(({ key }) => key);
  const all = [...item.images.flat(), ...labels];
  if (item.images.every((files) => files.length === 0)) {
    return {
      unmatched: keysOf(labels).map((key) => ({
        key,
        reason: "it is a label without an image",
      })),
    };
  }
  try {
    encodeCaseId(caseId);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const reason = error.message;
    return { unmatched: keysOf(all).map((key) => ({ key, reason })) };
  }
  const images: ListedFile[] = [];
  for (const channel of channels) {
    const [image, ...others] = item.images[channel] ?? [];
    const name = nameImage(channel);
    if (image === undefined) {
      const reason = `its case "${caseId}" has no ${name}`;
      return { unmatched: keysOf(all).map((key) => ({ key, reason })) };
    }
    if (others.length > 0) {
      const keys = keysOf([image, ...others]);
      const reason = `${keys.length} files could be its ${name}`;
      return { caseId, keys, reason };
    }
    images.push(image);
  }
  const [label, ...others] = labels;
  if (others.length > 0) {
    const reason = `${labels.length} files could be its label`;
    return { caseId, keys: keysOf(labels), reason };
  }
  return {
    caseId,
    ...(item.patientId === undefined ? {} : { patientId: item.patientId }),
    ...(item.fold === undefined ? {} : { fold: item.fold }),
    images,
    ...(label === undefined ? {} : { label }),
  };
}
