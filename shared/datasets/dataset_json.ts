/**
 * Reads a `dataset.json`, in the style of the Medical Segmentation Decathlon (MSD; also MONAI
 * datalists) or of nnU-Net v2, into the cases it lists. Pure: text in, description out.
 *
 * Sources: MONAI 1.5 `data/decathlon_datalist.py`; nnU-Net v2 `documentation/dataset_format.md`.
 * @module
 */
import { z } from "zod";
import { stemOf } from "./case_id.ts";

/** A dataset.json larger than this is refused unread. */
export const MAX_DATASET_JSON_BYTES = 64 * 1024 * 1024;

/** Keys here are relative to the folder of the dataset.json. */
export interface ListedCase {
  readonly caseId: string;
  readonly patientId?: string;
  readonly fold?: number;
  readonly imageKeys: readonly string[];
  readonly labelKey?: string;
}

export interface DatasetDescription {
  readonly layout: "msd" | "nnunet";
  readonly name: string | undefined;
  readonly channels: readonly string[];
  readonly classes: readonly string[] | null;
  /** Unit of the first channel as declared by `units`, an extension of Uptake: `{"0": "SUV"}`. */
  readonly unit: "SUV" | "unknown";
  /** Units of all channels that `units` declares, by channel. */
  readonly units: Readonly<Record<number, "SUV" | "unknown">>;
  /** The cases, or null where nnU-Net's folders must be listed to find them. */
  readonly cases: readonly ListedCase[] | null;
  /** nnU-Net only: ending of images and labels. */
  readonly fileEnding: string;
}

const names = z.record(z.string(), z.string());
const imagePath = z.union([z.string(), z.array(z.string()).min(1)]);
const entry = z.looseObject({
  image: imagePath,
  label: z.string().optional(),
  fold: z.int().min(0).optional(),
  patient: z.string().optional(),
});
const entries = z.array(z.union([entry, z.string()]));

const msdSchema = z.looseObject({
  name: z.string().optional(),
  modality: names.optional(),
  labels: names.optional(),
  units: names.optional(),
  training: entries.optional(),
  validation: entries.optional(),
  testing: entries.optional(),
  test: entries.optional(),
});

const nnunetSchema = z.looseObject({
  name: z.string().optional(),
  channel_names: names,
  labels: z.record(z.string(), z.union([z.int(), z.array(z.int())])),
  file_ending: z.string(),
  units: names.optional(),
  dataset: z.record(
    z.string(),
    z.looseObject({
      images: z.array(z.string()).min(1),
      label: z.string().optional(),
    }),
  ).optional(),
});

/**
 * @throws {SyntaxError} when the text is no JSON, or neither an MSD nor an nnU-Net description;
 *   the message says where.
 */
export function parseDatasetJson(text: string): DatasetDescription {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError(
      `Cannot read dataset.json: it is not JSON (${(cause as Error).message})`,
      { cause },
    );
  }
  const isNnunet = typeof json === "object" && json !== null &&
    "channel_names" in json;
  return isNnunet
    ? fromNnunet(check(nnunetSchema, json, "nnU-Net v2"))
    : fromMsd(check(msdSchema, json, "MSD"));
}

function check<T>(schema: z.ZodType<T>, json: unknown, style: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new SyntaxError(
    `Cannot read dataset.json as ${style} style: ${
      z.prettifyError(result.error)
    }`,
  );
}

function fromMsd(json: z.infer<typeof msdSchema>): DatasetDescription {
  const lists = [json.training, json.validation, json.testing, json.test];
  if (lists.every((list) => list === undefined)) {
    throw new SyntaxError(
      "Cannot read dataset.json: it has neither `channel_names` (nnU-Net v2) nor a `training`, `validation`, `testing` or `test` list (MSD)",
    );
  }
  const cases = lists.flatMap((list) => list ?? []).map((item): ListedCase => {
    const listed = typeof item === "string" ? { image: item } : item;
    const images = Array.isArray(listed.image) ? listed.image : [listed.image];
    const imageKeys = images.map(relativeKey);
    return {
      caseId: stemOf(imageKeys[0]!),
      imageKeys,
      ...("label" in listed && listed.label !== undefined
        ? { labelKey: relativeKey(listed.label) }
        : {}),
      ...("fold" in listed && listed.fold !== undefined
        ? { fold: listed.fold }
        : {}),
      ...("patient" in listed && listed.patient !== undefined
        ? { patientId: listed.patient }
        : {}),
    };
  });
  return {
    layout: "msd",
    name: json.name,
    channels: byIndex(json.modality ?? {}),
    classes: json.labels === undefined ? null : byIndex(json.labels),
    unit: unitOf(json.units?.["0"]),
    units: unitsOf(json.units),
    cases,
    fileEnding: ".nii.gz",
  };
}

function fromNnunet(json: z.infer<typeof nnunetSchema>): DatasetDescription {
  const valueToName: Record<string, string> = {};
  for (const [name, value] of Object.entries(json.labels)) {
    if (Array.isArray(value)) {
      throw new SyntaxError(
        `Cannot read dataset.json: label "${name}" is a region (several values), only one value per label is known`,
      );
    }
    valueToName[String(value)] = name;
  }
  const cases = json.dataset === undefined
    ? null
    : Object.entries(json.dataset).map(([caseId, files]): ListedCase => ({
      caseId,
      imageKeys: files.images.map(relativeKey),
      ...(files.label === undefined
        ? {}
        : { labelKey: relativeKey(files.label) }),
    }));
  return {
    layout: "nnunet",
    name: json.name,
    channels: byIndex(json.channel_names),
    classes: byIndex(valueToName),
    unit: unitOf(json.units?.["0"]),
    units: unitsOf(json.units),
    cases,
    fileEnding: json.file_ending,
  };
}

function unitsOf(
  declared: Readonly<Record<string, string>> = {},
): Record<number, "SUV" | "unknown"> {
  return Object.fromEntries(
    Object.entries(declared).map(([channel, unit]) => [channel, unitOf(unit)]),
  );
}

function unitOf(declared: string | undefined): "SUV" | "unknown" {
  return declared === "SUV" ? "SUV" : "unknown";
}

/** `{"0": "a", "1": "b"}` as `["a", "b"]`. */
function byIndex(map: Record<string, string>): string[] {
  const list: string[] = [];
  for (const [key, name] of Object.entries(map)) {
    if (!/^\d{1,3}$/.test(key)) {
      throw new SyntaxError(
        `Cannot read dataset.json: "${key}" (of "${name}") is no index between 0 and 999`,
      );
    }
    list[Number(key)] = name;
  }
  for (let i = 0; i < list.length; i++) {
    if (list[i] === undefined) {
      throw new SyntaxError(
        `Cannot read dataset.json: indices must be consecutive from 0, ${i} is missing`,
      );
    }
  }
  return list;
}

/** A listed path as a key: relative, inside the dataset's folder. */
function relativeKey(path: string): string {
  const parts = path.replaceAll("\\", "/").split("/").filter((part) =>
    part !== "" && part !== "."
  );
  if (path.startsWith("/") || parts.includes("..") || parts.length === 0) {
    throw new SyntaxError(
      `Cannot read dataset.json: ${
        JSON.stringify(path)
      } does not lie below the dataset's folder`,
    );
  }
  return parts.join("/");
}
