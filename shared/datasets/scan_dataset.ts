/**
 * What a folder or bucket prefix holds, in one pass over its listing: every file in the place it takes in its
 * case. Nothing is decided here: a place may be taken twice, or by nobody.
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";
import { isNiftiKey, stemOf } from "./case_id.ts";
import { hasChannelSuffixes, splitChannel } from "./channel_suffix.ts";
import type { Layout } from "./dataset.ts";
import {
  type DatasetDescription,
  type ListedCase,
  MAX_DATASET_JSON_BYTES,
  parseDatasetJson,
} from "./dataset_json.ts";
import { nameOf } from "./find_cases.ts";
import {
  Gathering,
  type ListedFile,
  type ScannedCase,
  type UnmatchedFile,
} from "./gather_cases.ts";
import {
  type Channel,
  FOLDER_LAYOUTS,
  type FolderLayout,
  type Place,
  type PlaceContext,
} from "./layouts.ts";
import { MOST_OTHERS, whyNoCase } from "./no_case.ts";
import { MAX_SPLITS_BYTES, parseSplits } from "./splits.ts";

export interface ScannedDataset {
  readonly name: string;
  readonly layout: Layout;
  readonly location: string;
  readonly channels: readonly Channel[];
  /** Names by label value; null where nothing names them. */
  readonly classes: readonly string[] | null;
  readonly cases: readonly ScannedCase[];
  readonly unmatched: readonly UnmatchedFile[];
}

/**
 * Scans a dataset: with a `dataset.json` (MSD, nnU-Net v2), or of one of {@linkcode FOLDER_LAYOUTS}. Folds are
 * those of dataset.json, or of a `splits_final.json` beside the cases. Of the listing, only NIfTI files are held.
 *
 * @throws {SyntaxError} when its dataset.json or splits_final.json cannot be understood.
 * @throws {RangeError} when it has no case of any known layout; says what is there.
 */
export async function scanDataset(
  store: ObjectStore,
  signal?: AbortSignal,
): Promise<ScannedDataset> {
  const [json, splits] = await Promise.all([
    readText(store, "dataset.json", MAX_DATASET_JSON_BYTES, signal),
    readText(store, "splits_final.json", MAX_SPLITS_BYTES, signal),
  ]);
  const folds = splits === null ? new Map() : parseSplits(splits);
  const found = json === null
    ? await scanFolders(store, signal)
    : await scanDescribed(store, parseDatasetJson(json), signal);
  if (found.cases.length + found.unmatched.length === 0) {
    throw new RangeError(
      `Cannot find any case in ${store.location}: its dataset.json lists none`,
    );
  }
  return {
    ...found,
    location: store.location,
    cases: found.cases.map((item) => {
      const fold = item.fold ?? folds.get(item.caseId);
      return fold === undefined ? item : { ...item, fold };
    }),
  };
}

type Found = Omit<ScannedDataset, "location">;

async function readText(
  store: ObjectStore,
  key: string,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const object = await store.get(key, {
    maxBytes,
    ...(signal && { signal }),
  });
  return object && new TextDecoder().decode(object.body);
}

async function* listNifti(
  store: ObjectStore,
  signal: AbortSignal | undefined,
  onOther: (key: string) => void = () => {},
): AsyncGenerator<ListedFile, void, undefined> {
  for await (
    const { key, bytes, etag } of store.list("", signal && { signal })
  ) {
    if (!isNiftiKey(key)) onOther(key);
    else yield etag === undefined ? { key, bytes } : { key, bytes, etag };
  }
}

async function scanFolders(
  store: ObjectStore,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const files: ListedFile[] = [];
  const others: string[] = [];
  const onOther = (key: string) => {
    if (others.length < MOST_OTHERS) others.push(key);
  };
  for await (const file of listNifti(store, signal, onOther)) files.push(file);
  const layout = FOLDER_LAYOUTS.find(({ image }) =>
    files.some(({ key }) => image.test(key))
  );
  if (layout === undefined) {
    throw new RangeError(
      await whyNoCase(store, files.map(({ key }) => key), others),
    );
  }
  return placeFiles(layout, nameOf(store.location), files);
}

function placeFiles(
  layout: FolderLayout,
  datasetName: string,
  files: readonly ListedFile[],
): Found {
  const images = files.map(({ key }) => key)
    .filter((key) => layout.image.test(key));
  const context: PlaceContext = {
    datasetName,
    suffixed: hasChannelSuffixes(images),
  };
  const gathering = new Gathering(layout.channels);
  for (const file of files) {
    const place = layout.place(file.key, context);
    if (place === "other") continue;
    if (place !== null) gathering.add(file, place);
    else {
      gathering.refuse(
        file.key,
        `it has no place in a dataset laid out as "${layout.name}"`,
      );
    }
  }
  return {
    name: datasetName,
    layout: layout.name,
    classes: null,
    ...gathering.finish(),
  };
}

async function scanDescribed(
  store: ObjectStore,
  description: DatasetDescription,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const { channels, units, unit, classes, layout } = description;
  const gathering = new Gathering(
    channels.length === 0
      ? null
      : channels.map((name, n) => ({ name, unit: units[n] ?? "unknown" })),
    unit,
  );
  if (description.cases === null) {
    for await (const file of listNifti(store, signal)) {
      const place = nnunetPlace(file.key, description.fileEnding);
      if (place !== null) gathering.add(file, place);
    }
  } else await gatherListed(store, description.cases, gathering, signal);
  return {
    name: description.name ?? nameOf(store.location),
    layout,
    classes,
    ...gathering.finish(),
  };
}

const NNUNET = /^(images|labels)(Tr|Ts)\/[^/]+$/;

function nnunetPlace(key: string, fileEnding: string): Place | null {
  const [, role, split] = NNUNET.exec(key) ?? [];
  if (role === undefined || !key.endsWith(fileEnding)) return null;
  const stem = stemOf(key);
  const { caseId, channel } = role === "images"
    ? splitChannel(stem)
    : { caseId: stem, channel: 0 };
  return {
    group: `${split}/${caseId}`,
    caseId,
    role: role === "images" ? channel : "label",
  };
}

/** Looks for the files that a dataset.json lists. */
async function gatherListed(
  store: ObjectStore,
  cases: readonly ListedCase[],
  gathering: Gathering,
  signal: AbortSignal | undefined,
): Promise<void> {
  const places = new Map<string, Place[]>();
  const expect = (key: string, place: Place) => {
    const taken = places.get(key);
    if (taken === undefined) places.set(key, [place]);
    else taken.push(place);
  };
  for (const { imageKeys, labelKey, ...listed } of cases) {
    // A case that is listed twice, for training and for validation, is one case.
    const place = { ...listed, group: imageKeys.join("\n") };
    imageKeys.forEach((key, role) => expect(key, { ...place, role }));
    if (labelKey !== undefined) expect(labelKey, { ...place, role: "label" });
  }
  for await (const file of listNifti(store, signal)) {
    for (const place of places.get(file.key) ?? []) gathering.add(file, place);
    places.delete(file.key);
  }
  for (const [key, [place]] of places) {
    const role = place!.role === "label" ? "label" : "image";
    gathering.refuse(
      key,
      `dataset.json lists it as the ${role} of case "${
        place!.caseId
      }", but it is not there`,
    );
  }
}
