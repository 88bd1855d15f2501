/**
 * What may be planned: datasets and checkpoints that the home knows or that were named when the dashboard was
 * started. A request names one of them; nothing that it says becomes a path.
 * @module
 */
import { z } from "zod";
import { foldOf } from "../../shared/catalog/queries/case_row.ts";
import { datasets } from "../../shared/catalog/queries/lists.ts";
import { MOST_PER_PAGE } from "../../shared/catalog/queries/page.ts";
import { runCheckpoints } from "../../shared/catalog/queries/run_checkpoints.ts";
import { mapParallel } from "../../shared/datasets/map_parallel.ts";
import type { DashboardDeps } from "../deps.ts";
import type {
  NamedStore,
  Operations,
} from "../../shared/dispatch/operations.ts";

export const checkpointChoiceSchema = z.strictObject({
  name: z.string(),
  location: z.string(),
  sha256: z.string(),
  /** Null: it is not registered. */
  family: z.string().nullable(),
  fold: z.int().min(0).nullable(),
});
export type CheckpointChoice = z.infer<typeof checkpointChoiceSchema>;

export interface Choices {
  readonly datasets: readonly NamedStore[];
  readonly checkpoints: readonly CheckpointChoice[];
  /** Folds that any of them is known to have, in order. */
  readonly folds: readonly number[];
}

/** Files of runs that are looked for. */
const MAX_RUN_CHECKPOINTS = 50;
const LOOKS_AT_ONCE = 8;

export async function readChoices(
  deps: Pick<DashboardDeps, "catalog" | "open" | "log" | "signal">,
  operations: Pick<Operations, "datasets" | "registered">,
): Promise<Choices> {
  const checkpoints = await checkpointChoices(deps, operations);
  return {
    datasets: datasetChoices(deps, operations),
    checkpoints,
    folds: foldChoices(deps, checkpoints),
  };
}

/** Those of checkpoints, and of cases of runs. */
function foldChoices(
  { catalog }: Pick<DashboardDeps, "catalog">,
  checkpoints: readonly CheckpointChoice[],
): number[] {
  const ofRuns = catalog.all("SELECT DISTINCT fold FROM groups")
    .map((row) => foldOf(row.fold));
  const folds = [...ofRuns, ...checkpoints.map(({ fold }) => fold)]
    .filter((fold) => fold !== null);
  return [...new Set(folds)].sort((a, b) => a - b);
}

function datasetChoices(
  { catalog }: Pick<DashboardDeps, "catalog">,
  operations: Pick<Operations, "datasets">,
): NamedStore[] {
  const byLocation = new Map<string, NamedStore>();
  const add = ({ name, location }: NamedStore) => {
    if (location === "" || byLocation.has(location)) return;
    byLocation.set(location, { name, location });
  };
  for (let offset = 0;; offset += MOST_PER_PAGE) {
    const page = datasets(catalog, { offset, limit: MOST_PER_PAGE });
    page.items.forEach(add);
    if (offset + MOST_PER_PAGE >= page.total) break;
  }
  operations.datasets.forEach(add);
  return [...byLocation.values()].sort((a, b) => a.name < b.name ? -1 : 1);
}

/** Registered ones, and those of runs whose file is still there. Whether it is the same is seen when it is read. */
async function checkpointChoices(
  deps: Pick<DashboardDeps, "catalog" | "open" | "log" | "signal">,
  operations: Pick<Operations, "registered">,
): Promise<CheckpointChoice[]> {
  const { checkpoints } = await operations.registered();
  const registered = checkpoints.map((
    { name, location, sha256, family, fold },
  ) => ({ name, location, sha256, family, fold }));
  const known = new Set(registered.map(({ sha256 }) => sha256));
  const ofRuns = runCheckpoints(deps.catalog, MAX_RUN_CHECKPOINTS)
    .filter(({ sha256 }) => !known.has(sha256));
  const found = await mapParallel(ofRuns, LOOKS_AT_ONCE, async (choice) => {
    const isThere = await fileIsThere(deps, choice.location);
    return isThere ? { ...choice, family: null, fold: null } : null;
  });
  const bySha256 = new Map<string, CheckpointChoice>();
  for (const choice of [...registered, ...found]) {
    if (choice === null || bySha256.has(choice.sha256)) continue;
    bySha256.set(choice.sha256, choice);
  }
  return [...bySha256.values()];
}

async function fileIsThere(
  { open, log, signal }: Pick<DashboardDeps, "open" | "log" | "signal">,
  location: string,
): Promise<boolean> {
  const slash = location.lastIndexOf("/");
  const name = location.slice(slash + 1);
  try {
    const key = location.startsWith("file:") ? decodeURIComponent(name) : name;
    return await open(location.slice(0, slash)).peek(key, 8, signal) !== null;
  } catch (error) {
    signal.throwIfAborted();
    // One that cannot be reached is not offered; the others are.
    log(`The checkpoint ${location} is not offered: ${String(error)}`);
    return false;
  }
}
