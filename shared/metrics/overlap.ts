/** Overlap of a mask with its reference, from voxel counts. @module */
import { z } from "zod";

export const overlapSchema = z.strictObject({
  /** 2 TP / (mask + reference); 1 where both are empty. */
  dice: z.number().min(0).max(1),
  /** TP / (TP + FP + FN); 1 where both are empty. */
  iou: z.number().min(0).max(1),
  /** |mask - reference| / reference; null where the reference is empty. */
  rvd: z.number().min(0).nullable(),
  /** TP / reference; null where the reference is empty. */
  sensitivity: z.number().min(0).max(1).nullable(),
  /** TP / mask; null where the mask is empty. */
  precision: z.number().min(0).max(1).nullable(),
});
export type Overlap = z.infer<typeof overlapSchema>;

/** Voxels of a class. */
export interface VoxelCounts {
  readonly maskVoxels: number;
  readonly labelVoxels: number;
  readonly sharedVoxels: number;
}

/** Dice, IoU, relative volume difference, sensitivity and precision of one class. */
export function measureOverlap(
  { maskVoxels, labelVoxels, sharedVoxels }: VoxelCounts,
): Overlap {
  const sum = maskVoxels + labelVoxels;
  return {
    dice: sum === 0 ? 1 : 2 * sharedVoxels / sum,
    iou: sum === 0 ? 1 : sharedVoxels / (sum - sharedVoxels),
    rvd: share(Math.abs(maskVoxels - labelVoxels), labelVoxels),
    sensitivity: share(sharedVoxels, labelVoxels),
    precision: share(sharedVoxels, maskVoxels),
  };
}

/** A quotient, or null where it is undefined. */
export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
