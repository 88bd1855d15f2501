/**
 * Exports as files: the one way in which the dashboard writes CSV, and how long files are sent while they are written.
 * @module
 */
import type { Context } from "hono";
import { setImmediate } from "node:timers/promises";
import { type Cell, csvLine } from "./csv.ts";

/** Excel takes a file for UTF-8 only where it starts so. */
const BYTE_ORDER_MARK = "\uFEFF";

/** So many rows are read and sent before others have their turn. */
export const ROWS_AT_ONCE = 200;

export interface CsvTable {
  readonly head: readonly string[];
  readonly rows: Iterable<readonly Cell[]>;
}

/**
 * CSV as spreadsheets and programs take it alike: UTF-8 with a byte order mark, commas, lines that end with CR LF
 * (RFC 4180), the names of the columns first, dots in numbers, times in ISO 8601.
 */
export function csvFile(
  c: Context,
  name: string,
  { head, rows }: CsvTable,
): Response {
  function* lines() {
    yield BYTE_ORDER_MARK + csvLine(head);
    for (const row of rows) yield csvLine(row);
  }
  return fileOf(c, name, "text/csv; charset=utf-8", lines());
}

export function jsonFile(
  c: Context,
  name: string,
  pieces: Iterable<string>,
): Response {
  return fileOf(c, name, "application/json", pieces);
}

/** @param name of letters that need no quoting: ids of runs, and words of ours */
function fileOf(
  c: Context,
  name: string,
  contentType: string,
  pieces: Iterable<string>,
): Response {
  const body = ReadableStream.from(inTurns(pieces)).pipeThrough(
    new TextEncoderStream(),
  );
  return c.body(body, 200, {
    "Content-Type": contentType,
    "Content-Disposition": `attachment; filename="${name}"`,
  });
}

/** Takes the next pieces once the last ones are on their way. */
async function* inTurns(pieces: Iterable<string>): AsyncIterable<string> {
  let text = "";
  let count = 0;
  for (const piece of pieces) {
    text += piece;
    if (++count % ROWS_AT_ONCE > 0) continue;
    yield text;
    text = "";
    // Others have their turn between pages.
    await setImmediate();
  }
  yield text;
}
