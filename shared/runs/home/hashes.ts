/**
 * Names of records that are the same whoever works them out, so that nothing is evaluated or compared twice.
 * @module
 */
import { createHash } from "node:crypto";
import type {
  ComparisonReason,
  EvaluatedCases,
  EvaluationOptions,
} from "./records.ts";

/** To be raised when masks are measured or compared otherwise, so that older figures do not stand beside newer ones. */
const METRICS_FORMAT = 1;

/** What makes two evaluations the same. */
export interface EvaluationIdentity {
  readonly checkpointSha256: string;
  readonly datasetDigest: string;
  readonly options: EvaluationOptions;
  readonly cases: EvaluatedCases;
}

/** The hash that names an evaluation. The engine is not in it: on another machine it is the same evaluation. */
export function evaluationHash(
  { checkpointSha256, datasetDigest, options, cases }: EvaluationIdentity,
): string {
  const { overlap, roi, mode, tta, minLesionMl } = options;
  return hashOf([
    METRICS_FORMAT,
    checkpointSha256,
    datasetDigest,
    [overlap, roi, mode, tta, minLesionMl],
    cases === "all" ? null : cases.fold,
  ]);
}

/** One side of a comparison: results are only ever added, so that their number tells which they are. */
export interface ComparedSide {
  readonly evaluationHash: string;
  readonly nDone: number;
}

/** The hash that names a comparison: another one once either side has more results. */
export function comparisonHash(
  before: ComparedSide,
  after: ComparedSide,
  why: ComparisonReason,
): string {
  const side = (of: ComparedSide) => [of.evaluationHash, of.nDone];
  return hashOf([METRICS_FORMAT, side(before), side(after), why]);
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
