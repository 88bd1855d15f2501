/**
 * What operators do from the dashboard that the command line does too: plan and start runs, register
 * checkpoints. Whoever starts the dashboard brings it along. These schemas are the single source of the types and
 * of the API's description.
 * @module
 */
import { z } from "zod";
import { DISPATCHER_NAMES, type DispatcherName } from "./dispatcher.ts";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
const countSchema = z.int().min(0);

/** An option of the command line, as a form asks for it. */
export const optionFieldSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  kind: z.enum(["number", "text", "boolean", "choice"]),
  /** What may be chosen; empty for all but choices. */
  choices: z.array(z.string()).readonly(),
  /** What it is when nothing is given; empty: it is left out then. */
  standard: z.string(),
  placeholder: z.string(),
});
export type OptionField = z.infer<typeof optionFieldSchema>;

/** What is to be planned. */
export const planAskedSchema = z.strictObject({
  /** Where the dataset is. */
  dataset: z.string(),
  /** Several are averaged. */
  checkpoints: z.array(
    z.strictObject({ location: z.string(), sha256: sha256Schema }),
  ).readonly(),
  /** All cases, those of one fold, or a run for each checkpoint: the first does fold 0, and so on. */
  folds: z.union([z.enum(["all", "each"]), z.int().min(0)]),
  /** By their names, as people typed them; what is left out has its standard value. */
  options: z.record(z.string(), z.string()),
  /** Where workers are to run. */
  dispatch: z.enum(DISPATCHER_NAMES),
});
export type PlanAsked = z.infer<typeof planAskedSchema>;

/** So many things of a dataset are left out, or recorded as failed, of which the first are told, with the reason. */
export const planProblemsSchema = z.strictObject({
  count: countSchema,
  first: z.array(z.strictObject({ name: z.string(), reason: z.string() }))
    .readonly(),
});
export type PlanProblems = z.infer<typeof planProblemsSchema>;

/** One run as it will be. */
export const runReportSchema = z.strictObject({
  fold: countSchema.nullable(),
  checkpoints: z.array(z.string()).readonly(),
  matched: countSchema,
  /** How many of the matched cases have a label. */
  labelled: countSchema,
  ambiguous: planProblemsSchema,
  unmatched: planProblemsSchema,
  unreadable: planProblemsSchema,
  /** Of the images, as stored. */
  bytes: countSchema,
  /** At most, of all checkpoints together. */
  windows: countSchema,
  /** What one worker takes at its peak. */
  memoryBytes: z.number().min(0),
  /** Null: nothing is known of how fast the workers are. */
  seconds: z.number().min(0).nullable(),
  /** Null: no price, or no time is known. */
  cost: z.strictObject({ amount: z.number().min(0), currency: z.string() })
    .nullable(),
});
export type RunReport = z.infer<typeof runReportSchema>;

export const planReportSchema = z.strictObject({
  /** Starts it, once. */
  id: z.uuid(),
  asked: planAskedSchema,
  dataset: z.strictObject({ name: z.string(), location: z.string() }),
  runs: z.array(runReportSchema).readonly(),
  /** Who will work on them: `1 worker on this machine`. */
  workers: z.string(),
  /** `onnx on cpu`. */
  engine: z.string(),
  /** Every option as it will be frozen. */
  options: z.record(z.string(), z.string()),
});
export type PlanReport = z.infer<typeof planReportSchema>;

export const submittedSchema = z.strictObject({
  runIds: z.array(z.string()).readonly(),
  /** Why the runs are there but nobody works on them; null: somebody does. */
  problem: z.string().nullable(),
});
export type Submitted = z.infer<typeof submittedSchema>;

/** A checkpoint of the home, as lists show it. */
export const registeredEntrySchema = z.strictObject({
  name: z.string(),
  location: z.string(),
  sha256: sha256Schema,
  bytes: countSchema,
  registeredAt: z.iso.datetime(),
  family: z.string(),
  fold: countSchema.nullable(),
});
export type RegisteredEntry = z.infer<typeof registeredEntrySchema>;

export interface CheckpointUpload {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly name: string;
  /** Null: what its card tells. */
  readonly family: string | null;
  readonly fold: number | null;
}

export interface Refusal {
  /** A sentence. */
  readonly refused: string;
  /** What is wrong with options, by their names: `must be 0 or more`. */
  readonly options?: Readonly<Record<string, string>>;
}

/** What was done, or why it was not. */
export type Refusable<T> = Refusal | { readonly done: T };

export interface NamedStore {
  readonly name: string;
  readonly location: string;
}

/** Somewhere workers may run. */
export interface DispatchChoice {
  readonly name: DispatcherName;
  /** `2 workers on this machine`. */
  readonly description: string;
}

export interface Restarted {
  /** `2 workers on this machine`; null: none were started. */
  readonly started: string | null;
  /** Why not, though they should have been. */
  readonly problem: string | null;
}

export interface Operations {
  /** Whether runs may be started from here. */
  readonly maySubmit: boolean;
  /** Datasets that were named when the dashboard was started. */
  readonly datasets: readonly NamedStore[];
  /** Under these any location may be typed. */
  readonly datasetRoots: readonly string[];
  /** What is configured; the first is taken where nobody chooses. */
  readonly dispatches: readonly [DispatchChoice, ...DispatchChoice[]];
  readonly fields: readonly OptionField[];
  /** The dataset at a location that somebody typed, if it lies under one of the roots. */
  datasetAt(typed: string): Promise<Refusable<NamedStore>>;
  plan(asked: PlanAsked): Promise<Refusable<PlanReport>>;
  /** A plan that was made a while ago; null: it was started or is forgotten. */
  planned(id: string): PlanReport | null;
  /** Freezes and starts exactly what was planned. */
  submit(id: string): Promise<Refusable<Submitted>>;
  /** Starts workers for the open cases of a run, by the name of its folder. */
  restart(runId: string): Promise<Refusable<Restarted>>;
  /** Those registered last come first. */
  registered(): Promise<{
    readonly checkpoints: readonly RegisteredEntry[];
    /** Records that cannot be understood. */
    readonly problems: readonly string[];
  }>;
  registerCheckpoint(
    upload: CheckpointUpload,
  ): Promise<Refusable<RegisteredEntry & { readonly isNew: boolean }>>;
}
