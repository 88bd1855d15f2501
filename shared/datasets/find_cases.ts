/**
 * Finds the cases of an input: a NIfTI file, a folder of them, or a dataset with a `dataset.json`.
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";
import { encodeCaseId, isNiftiKey, stemOf } from "./case_id.ts";
import { hasChannelSuffixes, splitChannel } from "./channel_suffix.ts";
import type { Case, Dataset, FileRef } from "./dataset.ts";
import type { PetUnit } from "../metrics/pet.ts";
import {
  type DatasetDescription,
  type ListedCase,
  MAX_DATASET_JSON_BYTES,
  parseDatasetJson,
} from "./dataset_json.ts";
import { MOST_OTHERS, whyNoCase } from "./no_case.ts";

export interface FindOptions {
  /** Overrides what the dataset declares of its first channel. */
  readonly unit?: PetUnit;
  readonly signal?: AbortSignal;
}

/**
 * The dataset in a folder or bucket prefix.
 *
 * @throws {SyntaxError} when its dataset.json cannot be understood.
 * @throws {RangeError} when there is no case in it, or two have the same id; says what is there.
 */
export async function findDataset(
  store: ObjectStore,
  options: FindOptions = {},
): Promise<Dataset> {
  const json = await store.get("dataset.json", {
    maxBytes: MAX_DATASET_JSON_BYTES,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (json === null) return await fromFolder(store, options);
  const description = parseDatasetJson(new TextDecoder().decode(json.body));
  const listed = description.cases ??
    await listNnunetCases(store, description, options.signal);
  return finish(store, {
    name: description.name ?? nameOf(store.location),
    layout: description.layout,
    channels: description.channels,
    classes: description.classes,
    unit: options.unit ?? description.unit,
    listed,
  });
}

/** A dataset of the single case in one file. */
export function singleFileDataset(
  store: ObjectStore,
  key: string,
  options: FindOptions = {},
): Dataset {
  return finish(store, {
    name: stemOf(key),
    layout: "file",
    channels: [],
    classes: null,
    unit: options.unit ?? "unknown",
    listed: [{ caseId: stemOf(key), imageKeys: [key] }],
  });
}

interface Found {
  readonly name: string;
  readonly layout: Dataset["layout"];
  readonly channels: readonly string[];
  readonly classes: readonly string[] | null;
  readonly unit: PetUnit;
  readonly listed: readonly ListedCase[];
}

function finish(store: ObjectStore, found: Found): Dataset {
  const ref = (key: string): FileRef => ({ store: store.location, key });
  const seen = new Map<string, string>();
  const cases = found.listed.map((listed): Case => {
    encodeCaseId(listed.caseId);
    const before = seen.get(listed.caseId);
    if (before !== undefined) {
      throw new RangeError(
        `Cannot use ${store.location}: two cases are called "${listed.caseId}" (${before} and ${
          listed.imageKeys[0]
        })`,
      );
    }
    seen.set(listed.caseId, listed.imageKeys[0]!);
    return {
      caseId: listed.caseId,
      images: listed.imageKeys.map(ref),
      unit: found.unit,
      ...(listed.labelKey === undefined ? {} : { label: ref(listed.labelKey) }),
      ...(listed.patientId === undefined
        ? {}
        : { patientId: listed.patientId }),
      ...(listed.fold === undefined ? {} : { fold: listed.fold }),
    };
  });
  if (cases.length === 0) {
    throw new RangeError(
      `Cannot find any case in ${store.location}: its dataset.json lists none`,
    );
  }
  return {
    name: found.name,
    layout: found.layout,
    location: store.location,
    channels: [...found.channels],
    classes: found.classes === null ? null : [...found.classes],
    cases,
  };
}

async function listNnunetCases(
  store: ObjectStore,
  description: DatasetDescription,
  signal: AbortSignal | undefined,
): Promise<ListedCase[]> {
  const listOptions = signal === undefined ? {} : { signal };
  const cases: ListedCase[] = [];
  for (const split of ["Tr", "Ts"]) {
    const labels = new Set<string>();
    for await (const { key } of store.list(`labels${split}/`, listOptions)) {
      if (key.endsWith(description.fileEnding)) labels.add(key);
    }
    const images: string[] = [];
    for await (const { key } of store.list(`images${split}/`, listOptions)) {
      if (key.endsWith(description.fileEnding) && isNiftiKey(key)) {
        images.push(key);
      }
    }
    for (const grouped of groupChannels(images)) {
      const labelKey =
        `labels${split}/${grouped.caseId}${description.fileEnding}`;
      cases.push(labels.has(labelKey) ? { ...grouped, labelKey } : grouped);
    }
  }
  return cases;
}

/** Files `<case>_0000`, `<case>_0001` become one case; a file without such a suffix is one itself. */
function groupChannels(keys: readonly string[]): ListedCase[] {
  const groups = new Map<string, string[]>();
  for (const key of keys) {
    const { caseId } = splitChannel(stemOf(key));
    groups.set(caseId, [...(groups.get(caseId) ?? []), key]);
  }
  return [...groups].map(([caseId, imageKeys]) => ({ caseId, imageKeys }));
}

async function fromFolder(
  store: ObjectStore,
  options: FindOptions,
): Promise<Dataset> {
  const here: string[] = [];
  const below: string[] = [];
  const others: string[] = [];
  const listOptions = options.signal === undefined
    ? {}
    : { signal: options.signal };
  for await (const { key } of store.list("", listOptions)) {
    if (isNiftiKey(key)) (key.includes("/") ? below : here).push(key);
    else if (others.length < MOST_OTHERS) others.push(key);
  }
  if (here.length === 0) {
    throw new RangeError(await whyNoCase(store, below, others));
  }
  return finish(store, {
    name: nameOf(store.location),
    layout: "folder",
    channels: [],
    classes: null,
    unit: options.unit ?? "unknown",
    listed: hasChannelSuffixes(here)
      ? groupChannels(here)
      : here.map((key) => ({ caseId: stemOf(key), imageKeys: [key] })),
  });
}

/** What a location is called: its last part. */
export function nameOf(location: string): string {
  return decodeURIComponent(location.slice(location.lastIndexOf("/") + 1));
}
