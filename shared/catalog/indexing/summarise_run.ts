/** @module Summarises an indexed run, fold by fold and class by class. */
import { outcomeSchema } from "../../metrics/case_metrics.ts";
import { type Observation, SUMMARISED } from "../../metrics/summary.ts";
import { aggregate } from "../aggregate.ts";
import type { Row, Value } from "../open_catalog.ts";
import { measureId } from "../schema.ts";
import { chooseCurrent } from "./choose_current.ts";
import { breathe, type IndexContext } from "./context.ts";
import type { IndexedRun } from "./index_plan.ts";
import { tellSeen } from "./tell_seen.ts";

/** Cases by fold: how many, and how they ended. */
interface FoldCounts {
  readonly fold: number;
  readonly nExpected: number;
  readonly nDone: number;
  readonly nFailed: number;
  readonly nDamaged: number;
  readonly nLabelled: number;
}

export async function summariseRun(
  context: IndexContext,
  run: IndexedRun,
): Promise<void> {
  const { catalog, signal } = context;
  const folds = foldCounts(context, run);
  const groups: Value[][] = [];
  for (const counts of folds) {
    for (const [classIndex, className] of run.classes.entries()) {
      const cases = observations(context, run, counts.fold, classIndex);
      const summary = await aggregate(cases, () => breathe(signal));
      groups.push([
        run.id,
        counts.fold,
        classIndex,
        className,
        counts.nExpected,
        counts.nDone,
        counts.nFailed,
        counts.nDamaged,
        counts.nLabelled,
        summary.metrics.dice.nCounted,
        summary.metrics.dice.mean,
        JSON.stringify(summary),
      ]);
    }
  }
  catalog.transaction(() => {
    catalog.run("DELETE FROM groups WHERE runId = ?", run.id);
    for (const group of groups) catalog.run(INSERT_GROUP, ...group);
    tellSeen(catalog, run);
    chooseCurrent(catalog, run.id);
    catalog.run("UPDATE runs SET isStale = 0 WHERE id = ?", run.id);
  });
}

const INSERT_GROUP = `
  INSERT INTO groups (runId, fold, classIndex, className, nExpected, nDone, nFailed, nDamaged, nLabelled,
    nDice, meanDice, aggregate, datasetId, checkpointId)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, datasetId, checkpointId FROM runs WHERE id = ?1`;

function foldCounts({ catalog }: IndexContext, run: IndexedRun): FoldCounts[] {
  return catalog.all(
    `SELECT fold, count(*) AS nExpected, sum(state = 'done') AS nDone, sum(state = 'failed') AS nFailed,
       sum(state = 'damaged') AS nDamaged, sum(isLabelled) AS nLabelled
     FROM cases WHERE runId = ? GROUP BY fold ORDER BY fold`,
    run.id,
  ).map((row) => ({
    fold: Number(row.fold),
    nExpected: Number(row.nExpected),
    nDone: Number(row.nDone),
    nFailed: Number(row.nFailed),
    nDamaged: Number(row.nDamaged),
    nLabelled: Number(row.nLabelled),
  }));
}

function observations(
  { catalog }: IndexContext,
  run: IndexedRun,
  fold: number,
  classIndex: number,
): Observation[] {
  return catalog.all(
    `SELECT m.* FROM cases c JOIN measures m ON m.id = ${
      measureId("c.id", String(classIndex))
    } WHERE c.runId = ? AND c.fold = ?`,
    run.id,
    fold,
  ).map(observationOf);
}

function observationOf(row: Row): Observation {
  const values: Partial<Record<typeof SUMMARISED[number], number | null>> = {};
  for (const name of SUMMARISED) {
    const value = row[name];
    values[name] = typeof value === "number" ? value : null;
  }
  return {
    outcome: row.outcome === null ? null : outcomeSchema.parse(row.outcome),
    values: values as Observation["values"],
  };
}
