/**
 * Figures that others published, to lay beside one's own. They are means over other splits by other code: a
 * guide, no benchmark.
 * @module
 */
import type { SummarisedMetric } from "../shared/metrics/summary.ts";

export interface PublishedFigures {
  readonly method: string;
  /** Where they stand. */
  readonly source: string;
  readonly values: Partial<Record<SummarisedMetric, number>>;
}

/**
 * Its repository's figures 3 and 4. No unit of the distances is told there, mm is meant; nor the formula of RVD, of
 * which none is below 0 and less is better there: taken for absolute values.
 */
const SOURCE =
  "MA3DSeg: a lightweight network enhanced with multiscale attention-guided feature mechanism for 3D tumor segmentation in PET images, tables of results (figures 3 and 4 of github.com/Lincen811/MA3DSeg, 2025)";

const MA3DSEG = (
  dice: number,
  rvd: number,
  hd95Mm: number,
  assdMm: number,
): PublishedFigures => ({
  method: "MA3DSeg, published",
  source: SOURCE,
  values: { dice, rvd, hd95Mm, assdMm },
});

const BY_DATASET: readonly (readonly [RegExp, PublishedFigures])[] = [
  [/^ecpc-?ids$/, MA3DSEG(0.783, 0.267, 9.878, 2.443)],
  [/^hecktor-?(20)?22$/, MA3DSEG(0.812, 0.321, 4.887, 1.884)],
  [/^autopet$/, MA3DSEG(0.723, 0.328, 10.445, 2.824)],
];

/** What was published of a dataset; null: nothing that is known here. Spaces, case and underscores do not matter. */
export function publishedOf(datasetName: string): PublishedFigures | null {
  const name = datasetName.trim().toLowerCase().replace(/[\s_-]+/g, "-");
  return BY_DATASET.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
