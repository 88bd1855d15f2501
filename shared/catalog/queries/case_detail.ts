/** @module All that is known of one case, and its neighbours in the list it was opened from. */
import { z } from "zod";
import { fileRefSchema } from "../../datasets/dataset.ts";
import { outcomeSchema } from "../../metrics/case_metrics.ts";
import { petUnitSchema } from "../../metrics/pet.ts";
import { resultKey } from "../../runs/keys.ts";
import { outputSchema } from "../../runs/records.ts";
import { reviewReasonSchema, reviewVerdictSchema } from "../../runs/reviews.ts";
import { FIGURES } from "../figures.ts";
import { IS_OF_THIS_MASK } from "../indexing/settle_verdict.ts";
import type { Catalog, Row } from "../open_catalog.ts";
import { measureId } from "../schema.ts";
import { orderOf } from "./case_order.ts";
import {
  CASE_COLUMNS,
  caseRowOf,
  caseRowSchema,
  figuresSchema,
} from "./case_row.ts";
import { type CaseListing, listed, pickedOf } from "./cases.ts";
import { pickAround } from "./pick_page.ts";
import { type Scope, sourceOf } from "./scope.ts";

const neighbourSchema = z.strictObject({
  runId: z.string(),
  caseId: z.string(),
});
export type Neighbour = z.infer<typeof neighbourSchema>;

export const caseDetailSchema = caseRowSchema
  .omit({ className: true, outcome: true, figures: true })
  .extend({
    unit: petUnitSchema,
    images: z.array(fileRefSchema),
    label: fileRefSchema.nullable(),
    /** Files of the attempt that was committed, relative to the run's folder. */
    outputs: z.array(outputSchema),
    /** Where the whole record of its result stands, relative to the home: lesions, stages, inputs. */
    resultKey: z.string(),
    classes: z.array(
      z.strictObject({
        name: z.string(),
        outcome: outcomeSchema.nullable(),
        figures: figuresSchema,
      }),
    ),
    /** The newest first. */
    reviews: z.array(z.strictObject({
      reviewer: z.string(),
      reviewedAt: z.string(),
      /** Not of one that was replaced since. */
      isOfThisMask: z.boolean(),
      verdict: reviewVerdictSchema,
      reason: reviewReasonSchema.nullable(),
      comment: z.string(),
    })),
    /** Its place in the list, from 1; null where the list does not hold it. */
    position: z.int().min(1).nullable(),
    total: z.int().min(0),
    previous: neighbourSchema.nullable(),
    next: neighbourSchema.nullable(),
  });
export type CaseDetail = z.infer<typeof caseDetailSchema>;

export interface CaseDetailOptions extends CaseListing {
  /** The list it was opened from; @default the run's */
  readonly scope?: Scope;
}

/** Null where the run, or the case in it, is not known. */
export function caseDetail(
  catalog: Catalog,
  runId: string,
  caseId: string,
  { scope = { runId }, ...listing }: CaseDetailOptions = {},
): CaseDetail | null {
  const row = catalog.get(
    `SELECT c.id, c.unit, r.classes, files.images, files.label, files.outputs, ${CASE_COLUMNS}
     FROM runs r JOIN cases c ON c.runId = r.id JOIN caseFiles files ON files.caseRow = c.id
     LEFT JOIN measures m ON m.id = ${measureId("c.id", "0")}
     WHERE r.folder = ? AND c.caseId = ?`,
    runId,
    caseId,
  );
  if (row === undefined) return null;
  const { className: _name, outcome: _outcome, figures: _figures, ...known } =
    caseRowOf(row);
  const id = Number(row.id);
  return caseDetailSchema.parse({
    ...known,
    unit: row.unit,
    images: parsed(row.images) ?? [],
    label: parsed(row.label),
    outputs: parsed(row.outputs) ?? [],
    resultKey: `runs/${runId}/${resultKey(caseId)}`,
    classes: classesOf(catalog, id, row),
    reviews: catalog.all(
      `SELECT v.reviewer, v.reviewedAt, v.verdict, v.reason, v.comment, ${IS_OF_THIS_MASK} AS isOfThisMask
       FROM cases c JOIN reviews v ON v.caseRow = c.id WHERE c.id = ?
       ORDER BY v.reviewedAt DESC, v.key DESC`,
      id,
    ).map(({ isOfThisMask, ...review }) => ({
      ...review,
      isOfThisMask: isOfThisMask === 1,
    })),
    ...placeOf(catalog, id, scope, listing),
  });
}

function classesOf(catalog: Catalog, id: number, { classes }: Row) {
  const names: string[] = JSON.parse(String(classes));
  return catalog.all(
    "SELECT * FROM measures WHERE caseRow = ? ORDER BY classIndex",
    id,
  ).map((row) => ({
    name: names[Number(row.classIndex)],
    outcome: row.outcome,
    figures: Object.fromEntries(FIGURES.map((name) => [name, row[name]])),
  }));
}

type Place = Pick<CaseDetail, "position" | "total" | "previous" | "next">;

function placeOf(
  catalog: Catalog,
  id: number,
  scope: Scope,
  { filter = {}, sort }: CaseListing,
): Place {
  const source = sourceOf(catalog, scope);
  const order = orderOf(sort);
  const list = listed(source, filter, order);
  const around = pickAround(catalog, list, order, id);
  if (around === null) {
    return { position: null, total: 0, previous: null, next: null };
  }
  const picked = pickedOf(source, around.ids);
  const rows = catalog.all(
    `SELECT c.id, r.folder AS runId, c.caseId FROM ${picked.text} ORDER BY ${order.text}`,
    ...picked.values,
  );
  const index = rows.findIndex((row) => row.id === id);
  return {
    position: around.nBefore + index + 1,
    total: around.total,
    previous: neighbour(rows[index - 1]),
    next: neighbour(rows[index + 1]),
  };
}

function neighbour(row: Row | undefined): Neighbour | null {
  return row === undefined
    ? null
    : neighbourSchema.parse({ runId: row.runId, caseId: row.caseId });
}

function parsed(json: unknown): unknown {
  return typeof json === "string" ? JSON.parse(json) : null;
}
