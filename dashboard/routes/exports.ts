/** @module The cases of a run as files, written while they are read. */
import type { Catalog } from "../../shared/catalog/open_catalog.ts";
import { run as findRun } from "../../shared/catalog/queries/run.ts";
import type { DashboardDeps } from "../deps.ts";
import { caseTable, exportedCases } from "../exports/case_rows.ts";
import { csvFile, jsonFile } from "../exports/download.ts";
import { type Route, route } from "../security/access.ts";
import { Refused } from "../security/refused.ts";

const ACCESS = { role: "viewer", rate: "heavy", audit: "export" } as const;

export function exportRoutes({ catalog }: DashboardDeps): Route[] {
  return [
    route("GET", "/runs/:runId/cases.csv", ACCESS, (c) => {
      const run = known(catalog, c.req.param("runId"));
      return csvFile(c, `${run.runId}.csv`, caseTable(catalog, run));
    }),
    route("GET", "/runs/:runId/cases.json", ACCESS, (c) => {
      const run = known(catalog, c.req.param("runId"));
      return jsonFile(c, `${run.runId}.json`, json(catalog, run));
    }),
  ];
}

type KnownRun = NonNullable<ReturnType<typeof findRun>>;

function known(catalog: Catalog, runId: string | undefined): KnownRun {
  const run = findRun(catalog, runId ?? "");
  if (run === null) throw new Refused("unknown");
  return run;
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
