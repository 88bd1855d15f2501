/** @module The folders of runs, told by their names without listing what is in them. */
import type { Catalog } from "../open_catalog.ts";
import type { IndexContext } from "./context.ts";

const RUNS = "runs/";

/**
 * The names of folders below `runs/`, which one request tells of a thousand runs.
 *
 * @param after only names after this text
 */
export async function findRunFolders(
  { home, signal }: Pick<IndexContext, "home" | "signal">,
  after: string,
): Promise<string[]> {
  const options = after === ""
    ? { signal }
    : { startAfter: RUNS + after, signal };
  return await Array.fromAsync(home.folders(RUNS, options));
}

/** Ids sort by time, but a run is seen only once its plan is written, and clocks differ: so long before is looked again. */
const OVERLAP_MS = 15 * 60_000;

/**
 * Where to look for new runs from, so that most of those known long since are not met again: somewhat before the
 * newest run, or the present where the clock of whoever made that run was ahead.
 */
export function newRunsAfter(catalog: Catalog, now: Date): string {
  const newest = catalog.get(
    `SELECT max(folder) AS folder FROM runs
     WHERE folder GLOB '[0-9]*T[0-9]*Z-*' AND folder < ?`,
    timeText(now.getTime()),
  )?.folder;
  const time = typeof newest === "string" ? timeOf(newest) : null;
  return time === null ? "" : timeText(time - OVERLAP_MS);
}

/** The time in a run's id; null for a folder with another name. */
function timeOf(folder: string): number | null {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(folder);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second] = match.map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, second);
}

/** As ids begin. */
function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString()
    .replace(/\.\d+/, "").replace(/[-:]/g, "");
}

/** Whether a folder's name can stand in an address; ids of runs can. */
export function isRunName(folder: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(folder);
}
