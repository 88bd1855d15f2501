/** @module Making plans and starting them, for the pages and the API alike. */
import { HTTPException } from "hono/http-exception";
import type {
  Operations,
  PlanReport,
  Refusable,
  Submitted,
} from "../../shared/dispatch/operations.ts";
import type { DashboardDeps } from "../deps.ts";
import { inTime, refreshSoon } from "../progress/refresh_soon.ts";
import { askedOf, type FilledForm } from "./asked.ts";
import { readChoices } from "./choices.ts";

export const NO_OPERATIONS =
  "This dashboard shows results only: start it with uptake dashboard to plan runs and register checkpoints";

/** @throws {HTTPException} where whoever started the dashboard brought none along. */
export function required(operations: Operations | undefined): Operations {
  if (operations !== undefined) return operations;
  throw new HTTPException(409, { message: NO_OPERATIONS });
}

/** @throws {HTTPException} as {@linkcode required} */
export async function makePlan(
  deps: DashboardDeps,
  filled: FilledForm,
): Promise<Refusable<PlanReport>> {
  const operations = required(deps.operations);
  const choices = await readChoices(deps, operations);
  const asked = await askedOf(filled, choices, operations);
  return "refused" in asked ? asked : await operations.plan(asked.done);
}

/**
 * Starts a plan, so that its runs are in the index.
 *
 * @throws {HTTPException} as {@linkcode required}
 */
export async function startPlan(
  deps: DashboardDeps,
  id: string,
): Promise<Refusable<Submitted>> {
  const made = await required(deps.operations).submit(id);
  if ("refused" in made) return made;
  const { runIds, problem } = made.done;
  if (problem !== null) {
    deps.log(`Workers of ${runIds.join(", ")} did not start: ${problem}`);
  } else runIds.forEach(deps.starts.asked);
  await Promise.all(runIds.map((runId) => refreshSoon(deps, runId)));
  return made;
}

/**
 * Brings a record of the home that was made into the index, unless that takes long. It is there even so: whoever were
 * told otherwise would make it again.
 */
export async function indexMade(
  deps: Pick<DashboardDeps, "indexer" | "log" | "patience" | "signal">,
  what: string,
): Promise<void> {
  await inTime(deps, what, deps.indexer.refreshHome(deps.signal));
}
