/**
 * Works on the run of an evaluation until every case is recorded, or nobody works any more.
 * @module
 */
import type { RunSummary } from "../../../shared/runs/records.ts";
import { writeRunSummary } from "../../../shared/runs/summarise.ts";
import type { FrozenRunRef } from "../../batch/freeze_planned.ts";
import { runToEnd } from "../../batch/run_to_end.ts";
import { workHere } from "../../batch/work_here.ts";
import type { WorkEnd } from "../../batch/work_run.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import type { Context } from "../../cli/context.ts";
import { explain } from "../../cli/explain.ts";
import { count } from "./cells.ts";
import type { RunSettings } from "./run_settings.ts";

export interface WorkedEvaluation {
  readonly summary: RunSummary;
  /** Why cases are missing, if they are; null otherwise. */
  readonly problem: string | null;
}

/**
 * One worker on this machine is this process itself, so that it needs not start any other. Two nights at once
 * share the cases.
 *
 * @param retries how many rounds of retries were opened
 * @throws the signal's reason once it is aborted; what stores and schedulers throw.
 */
export async function workEvaluation(
  run: FrozenRunRef,
  retries: number,
  { given, config }: Pick<RunSettings, "given" | "config">,
  context: Context,
): Promise<WorkedEvaluation> {
  const { coordination } = run.run;
  const shards = coordination?.kind === "shards" ? coordination.count : null;
  const workers = shards ?? given.workers;
  const isHere = given.dispatch === "local" && workers === 1;
  const problem = isHere
    ? await workAlone(run.store, shards, context)
    : (await runToEnd(
      [run],
      {
        dispatch: given.dispatch,
        workers,
        wait: true,
        // Workers of an earlier round may be leaving; two nights in one round share theirs.
        ...(retries === 0 ? {} : { again: `round-${retries}` }),
      },
      config,
      context,
    )).problem;
  const ids = run.cases.map(({ caseId }) => caseId);
  const { summary } = await writeRunSummary(run.store, run.runId, ids);
  const { missing, damaged = 0 } = summary.coverage;
  const lacking = [
    ...(missing > 0 ? [`${count(missing, "case")} missing`] : []),
    ...(damaged > 0 ? [`${count(damaged, "case")} damaged`] : []),
  ];
  return {
    summary,
    problem: lacking.length === 0 ? null : problem ?? lacking.join(", "),
  };
}

/**
 * Whatever this worker ends with is told, as it is of workers that are processes of their own.
 *
 * @throws the signal's reason once it is aborted.
 */
async function workAlone(
  store: ObjectStore,
  shards: number | null,
  context: Context,
): Promise<string | null> {
  const shard = shards === null ? null : { index: 0, count: shards };
  try {
    return problemOf(await workHere(store, { shard, index: 0 }, context));
  } catch (error) {
    context.signal.throwIfAborted();
    return explain(error);
  }
}

function problemOf(end: WorkEnd): string | null {
  switch (end.type) {
    case "recorded":
      return null;
    case "cancelled":
      return `the run is cancelled (${end.reason})`;
    case "left":
      return `${count(end.caseIds.length, "case")} left for another night`;
  }
}
