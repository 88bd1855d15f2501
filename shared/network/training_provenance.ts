/**
 * What a checkpoint's card tells of its training, as far as others act on it. Whoever trains a checkpoint
 * writes these keys into `card.training`; whatever else stands there is for people.
 * @module
 */
import { z } from "zod";
import type { CheckpointCard } from "./checkpoint.ts";

/** A key whose value makes no sense is as good as none: cards come from many hands. */
export const trainingProvenanceSchema = z.object({
  /** Checkpoints that replace each other: the same task, trained again. */
  family: z.string().min(1).max(100).optional().catch(undefined),
  /** Whose validation cases it was not trained on. */
  fold: z.int().min(0).optional().catch(undefined),
  /** Name of the dataset it was trained on. */
  dataset: z.string().min(1).optional().catch(undefined),
  /** That dataset's digest when it was trained. */
  datasetDigest: z.string().regex(/^[0-9a-f]{64}$/).optional().catch(undefined),
});
export type TrainingProvenance = z.infer<typeof trainingProvenanceSchema>;

/** What is known of the training of a checkpoint. */
export function trainingProvenance(
  { training = {} }: Pick<CheckpointCard, "training">,
): TrainingProvenance {
  return trainingProvenanceSchema.parse(training);
}
