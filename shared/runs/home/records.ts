/**
 * The records of a home that belong to no single run: registered checkpoints, evaluations and comparisons,
 * each created once, and schedules. These schemas are the single source of their types.
 * @module
 */
import { z } from "zod";
import { comparisonSchema, verdictSchema } from "../../metrics/compare.ts";
import { checkpointCardSchema } from "../../network/checkpoint.ts";
import { coverageSchema, segmentOptionsSchema } from "../records.ts";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const timeSchema = z.iso.datetime();

/** `checkpoints/<name>.json`, beside `checkpoints/<name>.safetensors`, and created after it. */
export const registeredCheckpointSchema = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  sha256: sha256Schema,
  bytes: z.int().min(0),
  registeredAt: timeSchema,
  /** Checkpoints that replace each other. */
  family: z.string(),
  /** Whose validation cases it was not trained on; null: it belongs to no fold. */
  fold: z.int().min(0).nullable(),
  card: checkpointCardSchema,
});
export type RegisteredCheckpoint = z.infer<typeof registeredCheckpointSchema>;

/** What of a segmentation's options decides the voxels of a mask, whatever computes them. */
export const evaluationOptionsSchema = segmentOptionsSchema.pick({
  overlap: true,
  roi: true,
  mode: true,
  tta: true,
  minLesionMl: true,
});
export type EvaluationOptions = z.infer<typeof evaluationOptionsSchema>;

/** Which labelled cases of a dataset a checkpoint is evaluated on. */
export const evaluatedCasesSchema = z.union([
  z.literal("all"),
  z.strictObject({ fold: z.int().min(0) }),
]);
export type EvaluatedCases = z.infer<typeof evaluatedCasesSchema>;

const datasetRefSchema = z.strictObject({
  name: z.string(),
  digest: sha256Schema,
});

/** `evaluations/<hash>.json`: which run evaluates a checkpoint on a dataset. Who creates it freezes the run. */
export const evaluationSchema = z.strictObject({
  format: z.literal(1),
  runId: z.string(),
  checkpoint: z.strictObject({ name: z.string(), sha256: sha256Schema }),
  dataset: datasetRefSchema,
  options: evaluationOptionsSchema,
  cases: evaluatedCasesSchema,
  createdAt: timeSchema,
});
export type Evaluation = z.infer<typeof evaluationSchema>;

/** One of two checkpoints that are compared. */
export const comparedCheckpointSchema = z.strictObject({
  name: z.string(),
  sha256: sha256Schema,
  family: z.string(),
  fold: z.int().min(0).nullable(),
  runId: z.string(),
  /** Of its run, when they were compared. */
  coverage: coverageSchema,
});
export type ComparedCheckpoint = z.infer<typeof comparedCheckpointSchema>;

/** What the other one is: `best` of the family, `bestOfFold` where that one is of another fold. */
export const comparisonReasonSchema = z.enum([
  "predecessor",
  "best",
  "bestOfFold",
]);
export type ComparisonReason = z.infer<typeof comparisonReasonSchema>;

/** `comparisons/<hash>.json`: a checkpoint (`after`) against another one (`before`) on the cases of both. */
export const comparisonRecordSchema = z.strictObject({
  format: z.literal(1),
  createdAt: timeSchema,
  /** What the other one is to it. */
  why: comparisonReasonSchema,
  dataset: datasetRefSchema,
  cases: evaluatedCasesSchema,
  before: comparedCheckpointSchema,
  after: comparedCheckpointSchema,
  /** Worse when any class is, else better when any class is. */
  verdict: verdictSchema,
  comparison: comparisonSchema,
});
export type ComparisonRecord = z.infer<typeof comparisonRecordSchema>;

/** `schedules/<name>.json`: something done at certain times, rewritten by whoever does it. */
export const scheduleSchema = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  /** `process`: one that stays does it each time; `elsewhere`: another program starts one for each time. */
  keptBy: z.enum(["process", "elsewhere"]).default("process"),
  /** A cron pattern of five fields; elsewhere also `cron(...)` or `rate(...)`. */
  cron: z.string(),
  timeZone: z.string(),
  /** Where they are. */
  datasets: z.array(z.string()),
  /** While it is being done, the time after the one it began at. Null: no further time comes, or elsewhere none is known. */
  nextAt: timeSchema.nullable(),
  /** Null: never yet. */
  lastStartedAt: timeSchema.nullable(),
  /** Before `lastStartedAt`, or null: it goes on. */
  lastEndedAt: timeSchema.nullable(),
  /** Of what ended last. */
  lastExitCode: z.int().nullable(),
});
export type Schedule = z.infer<typeof scheduleSchema>;
