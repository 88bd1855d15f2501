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
  /** ETags of the images, in their order, where they were known when it was planned: another version is refused. */
  etags: z.array(z.string()).min(1).optional(),
  /** Of the label, likewise. */
  labelEtag: z.string().optional(),
  /** Unit of the first channel, on which PET figures are measured. */
  unit: petUnitSchema,
  /** Size of its images in the store, all channels together, where it was planned. */
  bytes: z.int().min(0).optional(),
  /** Windows that segmenting it takes, of all checkpoints together, where it was planned. */
  windows: z.int().min(0).optional(),
});
export type Case = z.infer<typeof caseSchema>;

/**
 * `msd`, `nnunet`: from dataset.json; `autopet`, `hecktor`: as those challenges lay them out; `folders`: images and
 * labels in folders of these names; `folder`: every NIfTI file in it; `file`: a single one.
 */
export const layoutSchema = z.enum([
  "msd",
  "nnunet",
  "autopet",
  "hecktor",
  "folders",
  "folder",
  "file",
]);
export type Layout = z.infer<typeof layoutSchema>;

export const datasetSchema = z.strictObject({
  name: z.string(),
  layout: layoutSchema,
  location: z.string(),
  channels: z.array(z.string()),
  /** Names by label value; null where nothing names them. */
  classes: z.array(z.string()).nullable(),
  cases: z.array(caseSchema),
});
export type Dataset = z.infer<typeof datasetSchema>;
