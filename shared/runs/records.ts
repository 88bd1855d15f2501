/**
 * The records of a run, as JSON in its folder. These schemas are the single source of their types.
 * @module
 */
import { z } from "zod";
import { FAILURE_KINDS, STAGES } from "../case_error.ts";
import { caseSchema, fileRefSchema } from "../datasets/dataset.ts";
import { caseMetricsSchema } from "../metrics/case_metrics.ts";
import { hasPlausibleFigures } from "../metrics/plausible.ts";
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

/** The engine that a run asks its workers for. */
export const runEngineSchema = engineRefSchema.extend({
  /** Absent where each worker takes as many as it has: its results say how many that were. */
  threads: engineRefSchema.shape.threads.optional(),
});
export type RunEngine = z.infer<typeof runEngineSchema>;

/**
 * How the workers of a run keep out of each other's way. With claims any number of them shares the
 * cases; where a store cannot create conditionally, each keeps to its own part of them.
 */
export const coordinationSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("claims"),
    /** A claim that its owner has not renewed for so long counts as abandoned. */
    termSeconds: z.number().positive(),
  }),
  z.strictObject({ kind: z.literal("shards"), count: z.int().min(1) }),
]);
export type Coordination = z.infer<typeof coordinationSchema>;

/** `run.json`: the plan of a segmentation, created once. */
export const segmentRunSchema = z.strictObject({
  format: z.literal(1),
  kind: z.literal("segment"),
  runId: z.string(),
  createdAt: timeSchema,
  codeVersion: z.string(),
  /** Where the cases come from; a run over several inputs has none. */
  dataset: z.strictObject({
    name: z.string(),
    location: z.string(),
    /** Of the whole dataset; absent where telling it would have meant to read every file. */
    digest: sha256Schema.optional(),
    /** Only the cases of this fold. */
    fold: z.int().min(0).optional(),
  }).optional(),
  /** Absent where one process does all cases. */
  coordination: coordinationSchema.optional(),
  /** What one worker costs. */
  price: z.strictObject({
    perHour: z.number().min(0),
    currency: z.string(),
  }).optional(),
  checkpoints: z.array(checkpointRefSchema).min(1),
  options: segmentOptionsSchema,
  engine: runEngineSchema,
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

/** `claims/<caseId>/<generation>.json`: who works on a case. Only its owner rewrites it. */
export const claimSchema = z.strictObject({
  format: z.literal(1),
  runId: z.string(),
  caseId: z.string(),
  /** Counts the claims of a case from 1; whoever takes over creates the next. */
  generation: z.int().min(1),
  /** The round of retries that the case was in. */
  round: z.int().min(0),
  workerId: z.string(),
  /** By the owner's clock, for people: whether it has expired is the store's to tell. */
  renewedAt: timeSchema,
  termSeconds: z.number().positive(),
  /** `released`: its owner stopped in good order and left the case to others. */
  state: z.enum(["working", "released"]),
});
export type Claim = z.infer<typeof claimSchema>;

/** `cancel.json`: asks every worker to stop at its next window. */
export const cancelSchema = z.strictObject({
  format: z.literal(1),
  runId: z.string(),
  requestedAt: timeSchema,
  reason: z.string(),
});
export type Cancel = z.infer<typeof cancelSchema>;

/** `workers/<workerId>.json`: what one worker has done and is doing, rewritten every few seconds. */
export const workerRecordSchema = z.strictObject({
  format: z.literal(1),
  runId: z.string(),
  workerId: z.string(),
  index: z.int().min(0),
  startedAt: timeSchema,
  updatedAt: timeSchema,
  state: z.enum(["working", "waiting", "ended", "stopped"]),
  codeVersion: z.string(),
  engine: engineRefSchema,
  /** Attempts of this worker by their end; `left`: not recorded, to be tried again. */
  cases: z.strictObject({
    done: z.int().min(0),
    failed: z.int().min(0),
    left: z.int().min(0),
  }),
  failures: z.partialRecord(z.enum(FAILURE_KINDS), z.int().min(1)),
  /** What is computed now. */
  current: z.strictObject({
    caseId: z.string(),
    windows: z.int().min(0),
    totalWindows: z.int().min(0),
  }).nullable(),
  /** Windows computed so far. */
  windows: z.int().min(0),
  /** Since its start. */
  elapsedSeconds: z.number().min(0),
  /** In which a forward pass was in flight. */
  busySeconds: z.number().min(0),
  /** When the first forward pass began, and the last one ended. */
  firstForwardAt: timeSchema.nullable(),
  lastForwardAt: timeSchema.nullable(),
});
export type WorkerRecord = z.infer<typeof workerRecordSchema>;

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
  metrics: caseMetricsSchema.refine(
    hasPlausibleFigures,
    "A figure is larger than any scan can have",
  ),
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

/** How many of the expected cases have which end: each has one. */
export const coverageSchema = z.strictObject({
  expected: z.int().min(0),
  done: z.int().min(0),
  failed: z.int().min(0),
  /** Their record cannot be read, or is none of the run's. Absent: none. */
  damaged: z.int().min(1).optional(),
  /** Without any record yet. */
  missing: z.int().min(0),
});
export type Coverage = z.infer<typeof coverageSchema>;

/**
 * A recorded case of which something is gone or cannot be understood, and what to do about it, as a sentence. Where it
 * is the record itself, the case is damaged; else it is done, and a file of it is not what it was.
 */
export const damageSchema = z.strictObject({
  caseId: z.string(),
  problem: z.string(),
  isRecord: z.literal(true).optional(),
});
export type Damage = z.infer<typeof damageSchema>;

/** `summary.json`: written last, rewritten when the run goes on. */
export const runSummarySchema = z.strictObject({
  format: z.literal(1),
  runId: z.string(),
  writtenAt: timeSchema,
  coverage: coverageSchema,
  failures: z.array(failureSchema),
  /** Absent where everything stands as it was recorded. */
  damaged: z.array(damageSchema).min(1).optional(),
  metrics: metricsSummarySchema,
});
export type RunSummary = z.infer<typeof runSummarySchema>;
