/**
 * The records of a run, as JSON in its folder. These schemas are the single source of their types.
 * @module
 */
import { z } from "zod";
import { FAILURE_KINDS, STAGES } from "../case_error.ts";
import { caseSchema, fileRefSchema } from "../datasets/dataset.ts";
import { caseMetricsSchema } from "../metrics/case_metrics.ts";
import { summarySchema as metricsSummarySchema } from "../metrics/summary.ts";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const timeSchema = z.iso.datetime();

/** What decides the voxels of a mask. A run's never change. */
export const segmentOptionsSchema = z.strictObject({
  overlap: z.number().min(0).lt(1),
  roi: z.tuple([z.int(), z.int(), z.int()]),
  swBatch: z.int().min(1),
  mode: z.enum(["gaussian", "constant"]),
  tta: z.enum(["none", "mirror"]),
  minLesionMl: z.number().min(0),
  saveProbabilities: z.boolean(),
});
export type SegmentOptions = z.infer<typeof segmentOptionsSchema>;

export const checkpointRefSchema = z.strictObject({
  name: z.string(),
  location: z.string(),
  sha256: sha256Schema,
});
export type CheckpointRef = z.infer<typeof checkpointRefSchema>;

export const engineRefSchema = z.strictObject({
  name: z.string(),
  device: z.string(),
  version: z.string(),
  threads: z.int().min(1),
});
export type EngineRef = z.infer<typeof engineRefSchema>;

/** `run.json`: the plan of a segmentation, created once. */
export const segmentRunSchema = z.strictObject({
  format: z.literal(1),
  kind: z.literal("segment"),
  runId: z.string(),
  createdAt: timeSchema,
  codeVersion: z.string(),
  checkpoints: z.array(checkpointRefSchema).min(1),
  options: segmentOptionsSchema,
  engine: engineRefSchema,
  /** Names by mask value; the first is the background. */
  classes: z.array(z.string()).min(2),
  cases: z.array(caseSchema),
});
export type SegmentRun = z.infer<typeof segmentRunSchema>;

/** `run.json` of an evaluation: masks that exist already, or are still to come, against labels. */
export const evaluateRunSchema = z.strictObject({
  format: z.literal(1),
  kind: z.literal("evaluate"),
  runId: z.string(),
  createdAt: timeSchema,
  codeVersion: z.string(),
  masks: z.string(),
  labels: z.string(),
  classes: z.array(z.string()).min(2),
  /** Every labelled case, with a mask or without. */
  cases: z.array(
    z.strictObject({
      caseId: z.string(),
      label: fileRefSchema,
      image: fileRefSchema.optional(),
      unit: caseSchema.shape.unit,
    }),
  ),
});
export type EvaluateRun = z.infer<typeof evaluateRunSchema>;
export type EvaluateCase = EvaluateRun["cases"][number];

/** `run.json` of any kind. */
export const runSchema = z.discriminatedUnion("kind", [
  segmentRunSchema,
  evaluateRunSchema,
]);
export type Run = z.infer<typeof runSchema>;

/** `extensions/<n>.json`: cases found after the run was frozen. */
export const extensionSchema = z.strictObject({
  createdAt: timeSchema,
  cases: z.array(caseSchema).min(1),
});

/** `retries/<round>.json`: failed cases that are to be tried again. */
export const retrySchema = z.strictObject({
  createdAt: timeSchema,
  cases: z.array(z.string()).min(1),
});

/** A file read, and which version of it. */
export const inputSchema = fileRefSchema.extend({
  role: z.enum(["image", "label", "mask"]),
  etag: z.string(),
  bytes: z.int().min(0),
});
export type Input = z.infer<typeof inputSchema>;

/** A file written by the attempt that was committed. */
export const outputSchema = z.strictObject({
  name: z.string(),
  key: z.string(),
  bytes: z.int().min(0),
  sha256: sha256Schema,
});
export type Output = z.infer<typeof outputSchema>;

/** `results/<caseId>.json`: the commit of a success, created once, never changed. */
export const resultSchema = z.strictObject({
  format: z.literal(1),
  runId: z.string(),
  caseId: z.string(),
  attempt: z.string(),
  codeVersion: z.string(),
  startedAt: timeSchema,
  endedAt: timeSchema,
  inputs: z.array(inputSchema),
  outputs: z.array(outputSchema),
  metrics: caseMetricsSchema,
  /** Windows the network computed, and all windows: the rest were identical to one of them. */
  windows: z.strictObject({
    computed: z.int().min(0),
    total: z.int().min(0),
  }).optional(),
  checkpoints: z.array(checkpointRefSchema).optional(),
  options: segmentOptionsSchema.optional(),
  engine: engineRefSchema.optional(),
  secondsPerStage: z.partialRecord(z.enum(STAGES), z.number().min(0)),
});
export type Result = z.infer<typeof resultSchema>;

/** `failures/<caseId>/<round>.json`: a failure that would repeat. */
export const failureSchema = z.strictObject({
  format: z.literal(1),
  runId: z.string(),
  caseId: z.string(),
  round: z.int().min(0),
  attempt: z.string(),
  codeVersion: z.string(),
  failedAt: timeSchema,
  kind: z.enum(FAILURE_KINDS),
  stage: z.enum(STAGES),
  message: z.string(),
});
export type Failure = z.infer<typeof failureSchema>;

/** How many of the expected cases have which end. */
export const coverageSchema = z.strictObject({
  expected: z.int().min(0),
  done: z.int().min(0),
  failed: z.int().min(0),
  missing: z.int().min(0),
});
export type Coverage = z.infer<typeof coverageSchema>;

/** `summary.json`: written last, rewritten when the run goes on. */
export const runSummarySchema = z.strictObject({
  format: z.literal(1),
  runId: z.string(),
  writtenAt: timeSchema,
  coverage: coverageSchema,
  failures: z.array(failureSchema),
  metrics: metricsSummarySchema,
});
export type RunSummary = z.infer<typeof runSummarySchema>;
