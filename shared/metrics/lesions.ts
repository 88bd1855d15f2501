/**
 * Lesion by lesion: a lesion is an 18-connected component (voxels that share a face or an edge), as in
 * autoPET's evaluation. One shared voxel makes two lesions a match.
 * @module
 */
import { z } from "zod";
import { findComponents } from "../imaging/components.ts";
import { share } from "./overlap.ts";
import type { Region } from "./region.ts";

export const LESION_CONNECTIVITY = 18;

/** Tables name the largest lesions only, so that a noisy mask cannot bloat a record. */
export const MAX_LISTED_LESIONS = 100;

export const lesionSchema = z.strictObject({
  volumeMl: z.number().min(0),
  /** Mean voxel index (i, j, k) in the whole volume. */
  centroidVoxel: z.tuple([z.number(), z.number(), z.number()]),
});
export type Lesion = z.infer<typeof lesionSchema>;

export const comparedLesionSchema = lesionSchema.extend({
  /** Whether it shares a voxel with the other mask. */
  matched: z.boolean(),
});
export type ComparedLesion = z.infer<typeof comparedLesionSchema>;

/** Lesions of a mask without a reference. */
export const lesionsSchema = z.strictObject({
  predictedCount: z.int().min(0),
  /** The largest, by falling volume. */
  predicted: z.array(lesionSchema),
});
export type Lesions = z.infer<typeof lesionsSchema>;

export const comparedLesionsSchema = z.strictObject({
  referenceCount: z.int().min(0),
  predictedCount: z.int().min(0),
  /** Share of reference lesions that are matched; null where there are none. */
  recall: z.number().min(0).max(1).nullable(),
  /** Share of predicted lesions that are matched; null where there are none. */
  precision: z.number().min(0).max(1).nullable(),
  /** Volume of predicted lesions that are not matched. */
  falsePositiveMl: z.number().min(0),
  /** Volume of reference lesions that are not matched; null where there are none, as in autoPET III. */
  falseNegativeMl: z.number().min(0).nullable(),
  /** The largest, by falling volume. */
  reference: z.array(comparedLesionSchema),
  /** The largest, by falling volume. */
  predicted: z.array(comparedLesionSchema),
});
export type ComparedLesions = z.infer<typeof comparedLesionsSchema>;

/** The lesions of a mask; `voxelMl` is the volume of one voxel. */
export function findLesions(mask: Region, voxelMl: number): Lesions {
  const lesions = list(mask, mask, voxelMl)
    .map(({ volumeMl, centroidVoxel }) => ({ volumeMl, centroidVoxel }));
  return {
    predictedCount: lesions.length,
    predicted: lesions.slice(0, MAX_LISTED_LESIONS),
  };
}

/**
 * Matches the lesions of a mask with those of its reference; both fill the same box.
 * False positive and false negative volumes are autoPET's: components with no voxel at all in common.
 */
export function compareLesions(
  mask: Region,
  reference: Region,
  voxelMl: number,
): ComparedLesions {
  const ofMask = list(mask, reference, voxelMl);
  const ofReference = list(reference, mask, voxelMl);
  const falseNegativeMl = unmatchedMl(ofReference);
  return {
    referenceCount: ofReference.length,
    predictedCount: ofMask.length,
    recall: matchedShare(ofReference),
    precision: matchedShare(ofMask),
    falsePositiveMl: unmatchedMl(ofMask),
    falseNegativeMl: ofReference.length === 0 ? null : falseNegativeMl,
    reference: ofReference.slice(0, MAX_LISTED_LESIONS),
    predicted: ofMask.slice(0, MAX_LISTED_LESIONS),
  };
}

/** All lesions of a region, largest first, each matched where it meets the other region. */
function list(
  { data, shape, origin }: Region,
  other: Region,
  voxelMl: number,
): ComparedLesion[] {
  const { count, sizes, starts, ends, components } = findComponents(
    data,
    shape,
    LESION_CONNECTIVITY,
  );
  const [, nj, nk] = shape;
  const sums = new Float64Array(3 * count);
  const matched = new Uint8Array(count);
  for (let run = 0; run < starts.length; run++) {
    const [start, end, at] = [starts[run]!, ends[run]!, components[run]!];
    const row = Math.floor(start / nk);
    const i = Math.floor(row / nj);
    sums[3 * at]! += (end - start) * i;
    sums[3 * at + 1]! += (end - start) * (row - i * nj);
    sums[3 * at + 2]! += (end - start) * ((start + end - 1) / 2 - row * nk);
    for (let n = start; n < end && matched[at] === 0; n++) {
      if (other.data[n] !== 0) matched[at] = 1;
    }
  }
  const lesions = Array.from(sizes, (size, at): ComparedLesion => ({
    volumeMl: size * voxelMl,
    centroidVoxel: [
      origin[0] + sums[3 * at]! / size,
      origin[1] + sums[3 * at + 1]! / size,
      origin[2] + sums[3 * at + 2]! / size,
    ],
    matched: matched[at] === 1,
  }));
  return lesions.sort((a, b) => b.volumeMl - a.volumeMl);
}

function matchedShare(lesions: readonly ComparedLesion[]): number | null {
  return share(
    lesions.filter(({ matched }) => matched).length,
    lesions.length,
  );
}

function unmatchedMl(lesions: readonly ComparedLesion[]): number {
  return lesions.reduce(
    (total, { matched, volumeMl }) => matched ? total : total + volumeMl,
    0,
  );
}
