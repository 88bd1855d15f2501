/**
 * What Uptake knows of a dataset: its cases, channels and classes. It never copies or changes the
 * files themselves.
 * @module
 */
import { z } from "zod";
import { petUnitSchema } from "../metrics/pet.ts";

/** A file in a store. */
export const fileRefSchema = z.strictObject({
  /** The store, as people name it: `s3://bucket/prefix` or `file:///folder`. */
  store: z.string(),
  key: z.string(),
});
export type FileRef = z.infer<typeof fileRefSchema>;

export const caseSchema = z.strictObject({
  caseId: z.string(),
  patientId: z.string().optional(),
  fold: z.int().min(0).optional(),
  /** One per channel, in the channels' order. */
  images: z.array(fileRefSchema).min(1),
  label: fileRefSchema.optional(),
  /** Unit of the first channel, on which PET figures are measured. */
  unit: petUnitSchema,
});
export type Case = z.infer<typeof caseSchema>;

export const datasetSchema = z.strictObject({
  name: z.string(),
  /** `msd`, `nnunet`: from dataset.json; `folder`: every NIfTI file in it; `file`: a single one. */
  layout: z.enum(["msd", "nnunet", "folder", "file"]),
  location: z.string(),
  channels: z.array(z.string()),
  /** Names by label value; null where nothing names them. */
  classes: z.array(z.string()).nullable(),
  cases: z.array(caseSchema),
});
export type Dataset = z.infer<typeof datasetSchema>;
