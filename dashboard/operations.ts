/**
 * What operators do from the dashboard that the command line does too: plan and start runs, register
 * checkpoints. Whoever starts the dashboard brings it along; without it the pages say that it is not there.
 * @module
 */

/** What was done, or a sentence that says why it was not. */
export type Refusable<T> = { readonly refused: string } | { readonly done: T };

/** An option of the command line, as a form asks for it. */
export interface OptionField {
  readonly name: string;
  readonly description: string;
  readonly kind: "number" | "text" | "boolean" | "choice";
  /** What may be chosen; empty for all but choices. */
  readonly choices: readonly string[];
  /** What it is when nothing is given; empty: it is left out then. */
  readonly standard: string;
  readonly placeholder: string;
}

/** What is to be planned. */
export interface PlanAsked {
  /** Where the dataset is. */
  readonly dataset: string;
  /** Several are averaged. */
  readonly checkpoints: readonly {
    readonly location: string;
    readonly sha256: string;
  }[];
  /** All cases, those of one fold, or a run for each checkpoint: the first does fold 0, and so on. */
  readonly folds: "all" | "each" | number;
  /** By their names, as people typed them; what is left out has its standard value. */
  readonly options: Readonly<Record<string, string>>;
}

/** Something in the dataset that is left out, or recorded as failed, and why. */
export interface PlanProblem {
  readonly name: string;
  readonly reason: string;
}

/** So many of something, of which the first are told. */
export interface PlanProblems {
  readonly count: number;
  readonly first: readonly PlanProblem[];
}

/** One run as it will be. */
export interface RunReport {
  readonly fold: number | null;
  readonly checkpoints: readonly string[];
  readonly matched: number;
  /** How many of the matched cases have a label. */
  readonly labelled: number;
  readonly ambiguous: PlanProblems;
  readonly unmatched: PlanProblems;
  readonly unreadable: PlanProblems;
  /** Of the images, as stored. */
  readonly bytes: number;
  /** At most, of all checkpoints together. */
  readonly windows: number;
  /** What one worker takes at its peak. */
  readonly memoryBytes: number;
  /** Null: nothing is known of how fast the workers are. */
  readonly seconds: number | null;
  /** Null: no price, or no time is known. */
  readonly cost: { readonly amount: number; readonly currency: string } | null;
}

export interface PlanReport {
  /** Starts it, once. */
  readonly id: string;
  readonly asked: PlanAsked;
  readonly dataset: { readonly name: string; readonly location: string };
  readonly runs: readonly RunReport[];
  /** Who will work on them: `1 worker on this machine`. */
  readonly workers: string;
  /** `onnx on cpu`. */
  readonly engine: string;
  /** Every option as it will be frozen. */
  readonly options: readonly (readonly [name: string, value: string])[];
}

export interface Submitted {
  readonly runIds: readonly string[];
  /** Why the runs are there but nobody works on them; null: somebody does. */
  readonly problem: string | null;
}

export interface CheckpointUpload {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly name: string;
  /** Null: what its card tells. */
  readonly family: string | null;
  readonly fold: number | null;
}

export interface RegisteredEntry {
  readonly name: string;
  readonly location: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly registeredAt: string;
  readonly family: string;
  readonly fold: number | null;
}

export interface Operations {
  /** Whether runs may be started from here. */
  readonly maySubmit: boolean;
  /** Datasets that were named when the dashboard was started. */
  readonly datasets: readonly { name: string; location: string }[];
  readonly fields: readonly OptionField[];
  plan(asked: PlanAsked): Promise<Refusable<PlanReport>>;
  /** A plan that was made a while ago; null: it was started or is forgotten. */
  planned(id: string): PlanReport | null;
  /** Freezes and starts exactly what was planned. */
  submit(id: string): Promise<Refusable<Submitted>>;
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
