/** @module The folders of runs, told without listing what is in them: one short listing leads to the next folder. */
import type { IndexContext } from "./context.ts";

const RUNS = "runs/";

/**
 * Yields the names of folders below `runs/` in the store's order.
 *
 * @param after only names after this text
 */
export async function* findRunFolders(
  { home, signal }: Pick<IndexContext, "home" | "signal">,
  after: string,
): AsyncIterable<string> {
  let folder = await nextFolder(after === "" ? RUNS : `${RUNS}${after}`);
  while (folder !== null) {
    yield folder;
    // "0" is the character after "/": what follows is beyond all that is in the folder.
    folder = await nextFolder(`${RUNS}${folder}0`);
  }

  async function nextFolder(startAfter: string): Promise<string | null> {
    for await (const { key } of home.list(RUNS, { startAfter, signal })) {
      const slash = key.indexOf("/", RUNS.length);
      if (slash !== -1) return key.slice(RUNS.length, slash);
    }
    return null;
  }
}

/** Ids sort by time, but a run is seen only once its plan is written, and clocks differ: so long before is looked again. */
const OVERLAP_MS = 15 * 60_000;

/** The time in a run's id; null for a folder with another name. */
function timeOf(folder: string): number | null {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(folder);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second] = match.map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, second);
}

/** Where to look for new runs from, so that those known long since are not met again. */
export function newRunsAfter(newestFolder: string | null): string {
  const time = newestFolder === null ? null : timeOf(newestFolder);
  if (time === null) return "";
  return new Date(time - OVERLAP_MS).toISOString()
    .replace(/\.\d+/, "").replace(/[-:]/g, "");
}

/** Whether a folder's name can stand in an address; ids of runs can. */
export function isRunName(folder: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(folder);
}
