/** @module Datasets on disk, file by file. */
import { dirname } from "node:path";
import { fixture } from "./requires.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A small phantom and its label: good in every way. */
export const PHANTOM: { readonly image: Bytes; readonly label: Bytes } = {
  image: await Deno.readFile(fixture("preprocess/phantom_lps.nii.gz")),
  label: await Deno.readFile(fixture("preprocess/phantom_lps_label.nii.gz")),
};

/** What of a case stands on disk; `dataset.json` lists an image for every case, and a label where `label` is given. */
export interface CaseFiles {
  /** null: listed, but not there. @default the phantom's */
  readonly image?: Bytes | null;
  readonly label?: Bytes | null;
}

/** Writes files, with the folders they lie in. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, Bytes | string>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = `${folder}/${name}`;
    await Deno.mkdir(dirname(path), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await Deno.writeFile(path, content);
  }
}

/** Writes an MSD dataset of background and tumour in SUV. */
export async function writeDataset(
  folder: string,
  cases: Readonly<Record<string, CaseFiles>>,
): Promise<void> {
  const training = [];
  for (const [id, { image = PHANTOM.image, label }] of Object.entries(cases)) {
    const key = {
      image: `imagesTr/${id}.nii.gz`,
      label: `labelsTr/${id}.nii.gz`,
    };
    await writeFiles(folder, {
      ...(image === null ? {} : { [key.image]: image }),
      ...(label ? { [key.label]: label } : {}),
    });
    training.push(label === undefined ? { image: key.image } : key);
  }
  await writeFiles(folder, {
    "dataset.json": JSON.stringify({
      labels: { "0": "background", "1": "tumour" },
      units: { "0": "SUV" },
      training,
    }),
  });
}

export async function readJson(path: string) {
  return JSON.parse(await Deno.readTextFile(path));
}
