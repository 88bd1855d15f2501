/**
 * Finds which mask belongs to which label.
 * @module
 */
import { isNiftiKey, stemOf } from "../../shared/datasets/case_id.ts";
import type { FileRef } from "../../shared/datasets/dataset.ts";
import type { PetUnit } from "../../shared/metrics/pet.ts";
import { findDataset } from "../../shared/datasets/find_cases.ts";
import { caseOfMask } from "../../shared/runs/keys.ts";
import type { EvaluateCase } from "../../shared/runs/records.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";

export interface EvaluationPlan {
  /** Every labelled case; one without a mask counts as missing. */
  readonly cases: readonly EvaluateCase[];
  /** Masks of the cases that have one, by case id. */
  readonly masks: ReadonlyMap<string, FileRef>;
  /** Ids of masks without a label. */
  readonly withoutLabel: readonly string[];
  /** Names by value where the labels' dataset.json tells. */
  readonly classes: readonly string[] | null;
}

/**
 * @param masks a run's folder, or a folder of NIfTI masks called like their cases
 * @param labels a dataset with labels, or a folder of NIfTI labels called like their cases
 * @throws {RangeError} when there is no mask, no label, or no case has both.
 */
export async function planEvaluation(
  masks: ObjectStore,
  labels: ObjectStore,
  unit: PetUnit | undefined,
): Promise<EvaluationPlan> {
  const maskKeys = await findMasks(masks);
  const { labelled, classes } = await findLabels(labels, unit);
  const found = new Map<string, FileRef>();
  for (const [caseId, key] of maskKeys) {
    if (labelled.has(caseId)) found.set(caseId, { store: masks.location, key });
  }
  const withoutLabel = [...maskKeys.keys()].filter((id) => !labelled.has(id));
  if (found.size === 0) {
    throw new RangeError(
      `Cannot evaluate: no mask in ${masks.location} (${
        some(maskKeys)
      }) has a label in ${labels.location} (${some(labelled)})`,
    );
  }
  return { cases: [...labelled.values()], masks: found, withoutLabel, classes };
}

async function findMasks(store: ObjectStore): Promise<Map<string, string>> {
  const published = await listNifti(store, "masks/");
  if (published.length > 0) {
    return byCaseId(store, published, caseOfMask);
  }
  const here = (await listNifti(store, "")).filter((key) => !key.includes("/"));
  return byCaseId(store, here, stemOf);
}

function byCaseId(
  store: ObjectStore,
  keys: readonly string[],
  idOf: (key: string) => string,
): Map<string, string> {
  const masks = new Map<string, string>();
  for (const key of keys) {
    const before = masks.get(idOf(key));
    if (before !== undefined) {
      throw new RangeError(
        `Cannot use ${store.location}: two masks belong to case "${
          idOf(key)
        }" (${before} and ${key})`,
      );
    }
    masks.set(idOf(key), key);
  }
  return masks;
}

interface Labels {
  readonly labelled: ReadonlyMap<string, EvaluateCase>;
  readonly classes: readonly string[] | null;
}

async function findLabels(
  store: ObjectStore,
  unit: PetUnit | undefined,
): Promise<Labels> {
  const { layout, cases, classes } = await findDataset(
    store,
    unit === undefined ? {} : { unit },
  );
  const labelled = new Map<string, EvaluateCase>();
  for (const { caseId, images, label, unit } of cases) {
    const image = images[0]!;
    // A plain folder holds the labels themselves; there is no image to measure uptake in.
    if (layout === "folder") {
      labelled.set(caseId, { caseId, label: image, unit: "unknown" });
    } else if (label !== undefined) {
      labelled.set(caseId, { caseId, label, image, unit });
    }
  }
  return { labelled, classes };
}

async function listNifti(
  store: ObjectStore,
  prefix: string,
): Promise<FileRef["key"][]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) {
    if (isNiftiKey(key)) keys.push(key);
  }
  return keys;
}

function some(cases: ReadonlyMap<string, unknown>): string {
  const ids = [...cases.keys()].slice(0, 3).join(", ");
  return cases.size === 0 ? "there is none" : `such as ${ids}`;
}
