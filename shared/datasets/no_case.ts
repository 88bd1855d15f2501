/**
 * What to tell people who point to a place without cases: what is there instead.
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";

/** How many keys of other files are worth a look. */
export const MOST_OTHERS = 8;

/**
 * The sentence for a place without cases.
 *
 * @param below NIfTI files further down.
 * @param others some keys of other files.
 */
export async function whyNoCase(
  store: ObjectStore,
  below: readonly string[],
  others: readonly string[],
): Promise<string> {
  const cannot = `Cannot find any case in ${store.location}`;
  if (below.length > 0) {
    return `${cannot}: there is no NIfTI file directly in it and no dataset.json, but ${below.length} further down (such as ${
      below[0]
    }). Point to that folder, or add a dataset.json`;
  }
  for (const key of others) {
    if (key.toLowerCase().endsWith(".dcm") || await isDicom(store, key)) {
      return `${cannot}: it holds DICOM files (such as ${key}). Convert them to NIfTI first, for example with dcm2niix`;
    }
  }
  return others.length === 0
    ? `${cannot}: there is nothing in it`
    : `${cannot}: there is no NIfTI file (.nii, .nii.gz) in it, but ${
      others[0]
    }`;
}

async function isDicom(store: ObjectStore, key: string): Promise<boolean> {
  const start = await store.get(key, { range: { start: 128, end: 132 } });
  return start !== null && new TextDecoder().decode(start.body) === "DICM";
}
