/**
 * The one error class for what a batch survives: a case that cannot be done while the others can.
 * Everything else (a programming mistake, wrong usage) is a built-in error.
 * @module
 */

/** What went wrong, in the words that records, tables and pages use. */
export const FAILURE_KINDS = [
  "unreadable",
  "geometry",
  "voxels",
  "label",
  "channels",
  "model",
  "engine",
  "outOfMemory",
  "configuration",
  "timeout",
  "workerDied",
  "storage",
] as const;

export type FailureKind = typeof FAILURE_KINDS[number];

/** The step of a case's way during which it failed; a verb, so that it fits "Cannot <stage> case". */
export const STAGES = [
  "read",
  "preprocess",
  "segment",
  "postprocess",
  "measure",
  "write",
] as const;

export type Stage = typeof STAGES[number];

export interface CaseErrorOptions {
  readonly caseId?: string;
  readonly stage?: Stage;
  readonly cause?: unknown;
}

/**
 * A failure of one case. Pure code throws it with what it knows, the problem (no case id);
 * the case pipeline adds case and stage with {@linkcode CaseError.at}.
 *
 * @example
 * ```ts
 * const error = new CaseError("geometry", "its affine is not finite (sform_code is 0)")
 *   .at("a12", "read");
 * error.message; // Cannot read case "a12": its affine is not finite (sform_code is 0)
 * ```
 */
export class CaseError extends Error {
  override readonly name = "CaseError";
  readonly kind: FailureKind;
  /** What is wrong, without case and stage: starts in lower case, no full stop. */
  readonly problem: string;
  readonly caseId: string | undefined;
  readonly stage: Stage | undefined;

  constructor(
    kind: FailureKind,
    problem: string,
    options: CaseErrorOptions = {},
  ) {
    const { caseId, stage } = options;
    super(
      caseId === undefined
        ? problem
        : `Cannot ${stage ?? "process"} case "${caseId}": ${problem}`,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.kind = kind;
    this.problem = problem;
    this.caseId = caseId;
    this.stage = stage;
  }

  /** The same failure, told for a case and the stage it was in; what is already known is kept. */
  at(caseId: string, stage: Stage): CaseError {
    return new CaseError(this.kind, this.problem, {
      caseId: this.caseId ?? caseId,
      stage: this.stage ?? stage,
      cause: this.cause ?? this,
    });
  }
}
