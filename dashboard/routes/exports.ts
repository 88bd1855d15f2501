/** @module The cases of a run as files, written while they are read. */
import { setImmediate } from "node:timers/promises";
import type { Catalog } from "../../shared/catalog/open_catalog.ts";
import { run as findRun } from "../../shared/catalog/queries/run.ts";
import type { DashboardDeps } from "../deps.ts";
import { cellsOf, CSV_HEAD, exportedCases } from "../exports/case_rows.ts";
import { csvLine } from "../exports/csv.ts";
import { type Route, route } from "../security/access.ts";
import { Refused } from "../security/refused.ts";

const ACCESS = { role: "viewer", rate: "heavy", audit: "export" } as const;

/** Excel takes a file for UTF-8 only where it starts so. */
const BYTE_ORDER_MARK = "\uFEFF";

export function exportRoutes({ catalog }: DashboardDeps): Route[] {
  return [
    route("GET", "/runs/:runId/cases.csv", ACCESS, (c) => {
      const run = known(catalog, c.req.param("runId"));
      return c.body(streamed(csv(catalog, run)), 200, {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": `attachment; filename="${run.runId}.csv"`,
      });
    }),
    route("GET", "/runs/:runId/cases.json", ACCESS, (c) => {
      const run = known(catalog, c.req.param("runId"));
      return c.body(streamed(json(catalog, run)), 200, {
        "Content-Type": "application/json",
        "Content-Disposition": `attachment; filename="${run.runId}.json"`,
      });
    }),
  ];
}

type KnownRun = NonNullable<ReturnType<typeof findRun>>;

function known(catalog: Catalog, runId: string | undefined): KnownRun {
  const run = findRun(catalog, runId ?? "");
  if (run === null) throw new Refused("unknown");
  return run;
}

function* csv(catalog: Catalog, run: KnownRun): Iterable<string> {
  yield BYTE_ORDER_MARK + csvLine(CSV_HEAD);
  for (const row of exportedCases(catalog, run)) yield csvLine(cellsOf(row));
}

/** One object: where the masks come from, and the cases. */
function* json(catalog: Catalog, run: KnownRun): Iterable<string> {
  yield `{"run":${JSON.stringify(run.plan)},\n"cases":[`;
  let between = "\n";
  for (const row of exportedCases(catalog, run)) {
    yield between + JSON.stringify(row);
    between = ",\n";
  }
  yield "\n]}\n";
}

/** Takes the next piece once the last one is on its way. */
function streamed(pieces: Iterable<string>): ReadableStream<Uint8Array> {
  return ReadableStream.from(inTurns(pieces)).pipeThrough(
    new TextEncoderStream(),
  );
}

const PIECES_AT_ONCE = 200;

async function* inTurns(pieces: Iterable<string>): AsyncIterable<string> {
  let text = "";
  let count = 0;
  for (const piece of pieces) {
    text += piece;
    if (++count % PIECES_AT_ONCE > 0) continue;
    yield text;
    text = "";
    // Others have their turn between pages.
    await setImmediate();
  }
  yield text;
}
