/**
 * What is done to an image before a network sees it: plain data that travels in checkpoints and records.
 * @module
 */
import { z } from "zod";

const spacing = z.number().positive();

/** The intensities of one channel that become 0 and 1; what lies beyond is clipped. */
const intensityRange = z
  .strictObject({ lo: z.number(), hi: z.number() })
  .refine(({ lo, hi }) => lo < hi, {
    error: "the intensity range must have lo < hi",
  });

export const preprocessingSchema = z.strictObject({
  /**
   * Voxel size to resample to, along the axes of the file (resampling comes before reorienting,
   * as published), or `native` to leave voxels as they are.
   */
  spacingMm: z.union([
    z.literal("native"),
    z.tuple([spacing, spacing, spacing]),
  ]),
  /** `RAS`: axes run to the right, to anterior, to superior; `native`: as in the file. */
  orientation: z.enum(["RAS", "native"]),
  /** One range per channel, in the order of channels. */
  intensity: z.array(intensityRange).min(1),
  /** `foreground`: keep the box around voxels above `lo` in any channel. */
  crop: z.enum(["foreground", "none"]),
});

export type Preprocessing = z.infer<typeof preprocessingSchema>;
