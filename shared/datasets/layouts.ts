/**
 * How datasets without a `dataset.json` name their files: one row per layout.
 *
 * Sources: autoPET I and II (FDG-PET-CT-Lesions): https://autopet.grand-challenge.org/Dataset; HECKTOR 2022:
 * https://hecktor.grand-challenge.org/Data, and its re-release with a folder per patient.
 * @module
 */
import type { PetUnit } from "../metrics/pet.ts";
import { stemOf } from "./case_id.ts";
import { splitChannel } from "./channel_suffix.ts";
import type { Layout } from "./dataset.ts";

/** A channel of a dataset. */
export interface Channel {
  /** null where nothing names it. */
  readonly name: string | null;
  readonly unit: PetUnit;
}

/** The place that a file takes in a dataset. */
export interface Place {
  /** Files of one case share it. */
  readonly group: string;
  readonly caseId: string;
  readonly patientId?: string;
  readonly fold?: number;
  /** The image of a channel, counted from 0, or the label. */
  readonly role: number | "label";
}

/** What a layout needs to know of the dataset as a whole. */
export interface PlaceContext {
  readonly datasetName: string;
  /** Whether images end in nnU-Net's channel suffix. */
  readonly suffixed: boolean;
}

export interface FolderLayout {
  readonly name: Layout;
  /** Where a channel's number is in the file's name, null: there are as many as there are. */
  readonly channels: readonly Channel[] | null;
  /** A dataset with such an image is of this layout, unless an earlier row claims it. */
  readonly image: RegExp;
  /** What a file is; "other" for one that the layout has and nobody needs, null for one that it has not. */
  place(key: string, context: PlaceContext): Place | "other" | null;
}

const NIFTI = String.raw`\.nii(?:\.gz)?$`;
const SPLIT = "(Tr|Ts|Va|Val|Te)?";

/** A folder per study; several studies of a patient may lie in that patient's folder. */
const AUTOPET = new RegExp(
  `^(?:(.+)/)?(SUV|CTres|SEG|CT|PET)${NIFTI}`,
);
const AUTOPET_ROLES: Readonly<Record<string, Place["role"]>> = {
  SUV: 0,
  CTres: 1,
  SEG: "label",
};
const AUTOPET_PATIENT = /^PETCT_/;

const HECKTOR_IMAGE = new RegExp(
  `^(?:images(?:Tr|Ts)/([^/]+)|([^/]+)/\\2)__(PT|CT)${NIFTI}`,
);
const HECKTOR_LABEL = new RegExp(
  `^(?:labels(?:Tr|Ts)/([^/]+)|([^/]+)/\\2)${NIFTI}`,
);
const HECKTOR_ROLES: Readonly<Record<string, Place["role"]>> = { PT: 0, CT: 1 };

const FOLDERS = new RegExp(`^(images|labels)${SPLIT}/([^/]+)${NIFTI}`);
/** What file names say of the folder they lie in anyway: image_7 and label_7 are one case. */
const ROLE_IN_NAME =
  /^(?:images?|labels?)[-_ ]?(?=.)|(?<=.)[-_ ](?:image|label)$/i;

/** In this order: whose file names are more telling comes first. */
export const FOLDER_LAYOUTS: readonly FolderLayout[] = [
  {
    name: "hecktor",
    channels: [{ name: "PT", unit: "SUV" }, { name: "CT", unit: "unknown" }],
    image: HECKTOR_IMAGE,
    place(key) {
      const image = HECKTOR_IMAGE.exec(key);
      const found = image ?? HECKTOR_LABEL.exec(key);
      if (found === null) return null;
      const caseId = found[1] ?? found[2]!;
      const role = image === null ? "label" : HECKTOR_ROLES[image[3]!]!;
      return { group: caseId, caseId, role };
    },
  },
  {
    name: "autopet",
    channels: [
      { name: "SUV", unit: "SUV" },
      { name: "CTres", unit: "unknown" },
    ],
    image: new RegExp(`(?:^|/)SUV${NIFTI}`),
    place(key, { datasetName }) {
      const found = AUTOPET.exec(key);
      if (found === null) return null;
      const role = AUTOPET_ROLES[found[2]!];
      if (role === undefined) return "other";
      const folders = found[1]?.split("/") ?? [];
      const patientId = folders.at(-2);
      return {
        group: folders.join("/"),
        caseId: folders.length === 0 ? datasetName : folders.join("_"),
        ...(patientId !== undefined && AUTOPET_PATIENT.test(patientId)
          ? { patientId }
          : {}),
        role,
      };
    },
  },
  {
    name: "folder",
    channels: null,
    image: new RegExp(`^[^/]+${NIFTI}`, "i"),
    place(key, { suffixed }) {
      if (key.includes("/")) return null;
      const { caseId, channel } = caseOf(key, suffixed);
      return { group: caseId, caseId, role: channel };
    },
  },
  {
    name: "folders",
    channels: null,
    image: new RegExp(`^images${SPLIT}/[^/]+${NIFTI}`),
    place(key, { suffixed }) {
      const [, role, split = ""] = FOLDERS.exec(key) ?? [];
      if (role === undefined) return null;
      const { caseId, channel } = caseOf(key, suffixed && role === "images");
      return {
        group: `${split}/${caseId.replace(ROLE_IN_NAME, "")}`,
        caseId,
        role: role === "images" ? channel : "label",
      };
    },
  },
];

function caseOf(
  key: string,
  suffixed: boolean,
): { caseId: string; channel: number } {
  const stem = stemOf(key);
  return suffixed ? splitChannel(stem) : { caseId: stem, channel: 0 };
}
