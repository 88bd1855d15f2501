/**
 * How a set of phantoms describes itself: a `dataset.json` in the style of the Medical Segmentation Decathlon.
 * @module
 */
import type { PhantomScale } from "./scale.ts";

/** What tells a dataset of phantoms from other people's. */
export const PHANTOM_DESCRIPTION =
  "Synthetic whole-body FDG-like PET with known lesions";

/** The case id of a phantom: `phantom_0001` is the first. */
export function phantomCaseId(index: number): string {
  return `phantom_${String(index + 1).padStart(4, "0")}`;
}

/** Keys of a phantom's files in its dataset. */
export function phantomKeys(index: number): { image: string; label: string } {
  const name = `${phantomCaseId(index)}.nii.gz`;
  return { image: `imagesTr/${name}`, label: `labelsTr/${name}` };
}

/** The `dataset.json` of the first `cases` phantoms of a seed. Only true SUVs are declared as such. */
export function phantomDatasetJson(
  seed: number,
  cases: number,
  scale: PhantomScale,
): Record<string, unknown> {
  return {
    name: `Phantoms of seed ${seed}`,
    description: PHANTOM_DESCRIPTION,
    modality: { "0": "PET" },
    ...(scale === "SUV" ? { units: { "0": "SUV" } } : {}),
    labels: { "0": "background", "1": "tumour" },
    numTraining: cases,
    training: Array.from({ length: cases }, (_, index) => {
      const { image, label } = phantomKeys(index);
      return {
        image: `./${image}`,
        label: `./${label}`,
        patient: phantomCaseId(index),
      };
    }),
  };
}
