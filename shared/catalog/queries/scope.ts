/**
 * Which cases are looked at: those of a run, or those that stand for a dataset, a checkpoint, a fold.
 * @module
 */
import { z } from "zod";
import type { Catalog } from "../open_catalog.ts";
import { measureId, NO_FOLD } from "../schema.ts";
import { allOf, type Sql, sql, when } from "./condition.ts";

/** Foreground class; @default the first */
const classNameSchema = z.string().optional();

export const runScopeSchema = z.strictObject({
  /** The name of the run's folder. */
  runId: z.string(),
  className: classNameSchema,
});

/** Of each checkpoint and fold the run that stands for it: the newest finished one that is over many of the cases. */
export const selectionSchema = z.strictObject({
  dataset: z.string(),
  checkpoint: z.string().optional(),
  /** Null: cases that are in none. */
  fold: z.int().min(0).nullable().optional(),
  className: classNameSchema,
});
export type Selection = z.infer<typeof selectionSchema>;

export const scopeSchema = z.union([runScopeSchema, selectionSchema]);
export type Scope = z.infer<typeof scopeSchema>;

/** Rows of cases (`c`), their runs (`r`) and, where there are any, figures (`m`): what stands after `FROM`. */
export interface Source {
  readonly tables: Sql;
  readonly condition: Sql;
  /** The same without figures, for what needs none. */
  readonly cases: string;
  /** The same, of the cases whose rows' ids stand in a JSON array, which is bound. */
  readonly picked: string;
  /** Joins the figures. */
  readonly figures: string;
  /** Their groups (`g`), which tell of them as a whole. */
  readonly groups: Sql;
  /** Of the class whose figures they are. */
  readonly classIndex: string;
  /** How many there are without any filter (`total`), told without walking through them. */
  readonly counted: Sql;
}

export function sourceOf(catalog: Catalog, scope: Scope): Source {
  return "runId" in scope ? ofRun(catalog, scope) : ofSelection(scope);
}

const PICKED =
  "json_each(?) AS picked CROSS JOIN cases c ON c.id = picked.value CROSS JOIN runs r ON r.id = c.runId";

function ofRun(
  catalog: Catalog,
  { runId, className }: z.infer<typeof runScopeSchema>,
): Source {
  const run = catalog.get("SELECT classes FROM runs WHERE folder = ?", runId);
  const classes: string[] = run === undefined
    ? []
    : JSON.parse(String(run.classes));
  const index = className === undefined ? 0 : classes.indexOf(className);
  return {
    ...joined("runs r JOIN cases c ON c.runId = r.id", String(index)),
    picked: PICKED,
    condition: sql("r.folder = ?", runId),
    groups: sql(
      "g.runId = (SELECT id FROM runs WHERE folder = ?) AND g.classIndex = ?",
      runId,
      index,
    ),
    counted: sql(
      "SELECT count(*) AS total FROM cases WHERE runId = (SELECT id FROM runs WHERE folder = ?)",
      runId,
    ),
  };
}

function ofSelection(selection: Selection): Source {
  const condition = groupCondition(selection);
  return {
    ...joined(
      "groups g JOIN runs r ON r.id = g.runId JOIN cases c ON c.runId = g.runId AND c.fold = g.fold",
      "g.classIndex",
    ),
    picked:
      `${PICKED} CROSS JOIN groups g ON g.runId = c.runId AND g.fold = c.fold`,
    condition,
    groups: condition,
    counted: {
      text:
        `SELECT total(nExpected) AS total FROM groups g WHERE ${condition.text}`,
      values: condition.values,
    },
  };
}

function joined(cases: string, classIndex: string) {
  const figures = `LEFT JOIN measures m ON m.id = ${
    measureId("c.id", classIndex)
  }`;
  return { cases, figures, classIndex, tables: sql(`${cases} ${figures}`) };
}

/** Groups (`g`) of a selection. */
function groupCondition(
  { dataset, checkpoint, fold, className }: Selection,
): Sql {
  return allOf([
    sql("g.isCurrent = 1"),
    sql("g.datasetId = (SELECT id FROM datasets WHERE key = ?)", dataset),
    when(
      checkpoint,
      (key) =>
        sql("g.checkpointId = (SELECT id FROM checkpoints WHERE key = ?)", key),
    ),
    when(fold, (number) => sql("g.fold = ?", number ?? NO_FOLD)),
    className === undefined
      ? sql("g.classIndex = 0")
      : sql("g.className = ?", className),
  ]);
}
