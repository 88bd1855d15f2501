/** @module A case in a list, with the figures of one class. */
import { z } from "zod";
import { FAILURE_KINDS, STAGES } from "../../case_error.ts";
import { outcomeSchema } from "../../metrics/case_metrics.ts";
import { reviewVerdictSchema } from "../../runs/reviews.ts";
import { FIGURES } from "../figures.ts";
import { seenSchema } from "../indexing/tell_seen.ts";
import type { Row } from "../open_catalog.ts";
import { NO_FOLD } from "../schema.ts";

export const figuresSchema = z.record(
  z.enum(FIGURES),
  z.number().nullable(),
);

export const caseRowSchema = z.strictObject({
  /** The name of the run's folder. */
  runId: z.string(),
  caseId: z.string(),
  patientId: z.string().nullable(),
  fold: z.int().min(0).nullable(),
  /** Null where it was not measured. */
  className: z.string().nullable(),
  /** `damaged`: its record cannot be read, or is another run's. */
  state: z.enum(["done", "failed", "damaged", "open"]),
  failure: z.strictObject({
    kind: z.enum(FAILURE_KINDS),
    stage: z.enum(STAGES),
    message: z.string(),
  }).nullable(),
  /** What is wrong with the record of a damaged case. */
  damage: z.string().nullable(),
  isLabelled: z.boolean(),
  /** Null where there is no label, or no mask. */
  outcome: outcomeSchema.nullable(),
  figures: figuresSchema.nullable(),
  /** Whether its checkpoint was trained on it: then its figures tell what is remembered. */
  seen: seenSchema,
  /** The newest one of the mask that it has now. */
  verdict: reviewVerdictSchema.nullable(),
  /** Of that mask. */
  nReviews: z.int().min(0),
  /** Whether reviewers differ. */
  isDisputed: z.boolean(),
  /** Whose mask it is. */
  attempt: z.string().nullable(),
  endedAt: z.string().nullable(),
  /** That segmenting and measuring it took. */
  seconds: z.number().nullable(),
});
export type CaseRow = z.infer<typeof caseRowSchema>;

/** Of cases `c`: what is told of the cases of their run and fold. Before they are summarised, nothing is. */
const SEEN_OF_CASE =
  `ifnull((SELECT g.seen FROM groups g WHERE g.runId = c.runId AND g.fold = c.fold AND g.classIndex = 0), 'no')`;

/** What {@linkcode caseRowOf} needs, of cases `c`, runs `r` and figures `m`. */
export const CASE_COLUMNS = `
  r.folder AS runId, c.caseId, c.patientId, c.fold, c.state, c.isLabelled, c.verdict, c.nReviews, c.isDisputed,
  c.attempt, c.endedAt, c.seconds, c.damage, m.outcome, m.classIndex,
  iif(m.classIndex IS NULL, NULL, json_extract(r.classes, '$[' || m.classIndex || ']')) AS className,
  (SELECT json_object('kind', kind, 'stage', stage, 'message', message) FROM failures f
   WHERE c.state = 'failed' AND f.caseRow = c.id AND f.round = c.round) AS failure,
  ${SEEN_OF_CASE} AS seen,
  ${FIGURES.map((name) => `m.${name}`).join(", ")}`;

export function caseRowOf(row: Row): CaseRow {
  return caseRowSchema.parse({
    runId: row.runId,
    caseId: row.caseId,
    patientId: row.patientId,
    fold: foldOf(row.fold),
    className: row.className,
    state: row.state,
    failure: typeof row.failure === "string" ? JSON.parse(row.failure) : null,
    damage: row.damage,
    isLabelled: row.isLabelled === 1,
    outcome: row.outcome,
    figures: row.classIndex === null
      ? null
      : Object.fromEntries(FIGURES.map((name) => [name, row[name]])),
    seen: row.seen,
    verdict: row.verdict,
    nReviews: row.nReviews,
    isDisputed: row.isDisputed === 1,
    attempt: row.attempt,
    endedAt: row.endedAt,
    seconds: row.seconds,
  });
}

/** A fold as it is told: null for none. */
export function foldOf(fold: unknown): number | null {
  return fold === NO_FOLD ? null : Number(fold);
}
