/**
 * Every route there is, with what it asks of whoever uses it. The gate lets nothing else through, and a test
 * tries each with all kinds of credentials.
 * @module
 */
import { createRunComparer } from "../comparison/run_comparer.ts";
import type { DashboardDeps } from "../deps.ts";
import { statusReader } from "../progress/run_status.ts";
import type { Route } from "../security/access.ts";
import { apiRoutes } from "./api/mod.ts";
import { compareRoutes } from "./compare.tsx";
import { caseFileRoutes } from "./case_files.ts";
import { caseRoutes } from "./cases.tsx";
import { checkpointRoutes } from "./checkpoints.tsx";
import { diagnosticsRoutes } from "./diagnostics.tsx";
import { exportRoutes } from "./exports.ts";
import { healthRoutes } from "./health.ts";
import { loginRoutes } from "./login.tsx";
import { openapiRoutes } from "./openapi.ts";
import { overviewRoutes } from "./overview.tsx";
import { reviewRoutes } from "./reviews.tsx";
import { runRoutes } from "./run.tsx";
import { runsRoutes } from "./runs.tsx";
import { scheduleRoutes } from "./schedules.tsx";
import { staticRoutes } from "./static.ts";
import { submitRoutes } from "./submit.tsx";

export function routeTable(deps: DashboardDeps): Route[] {
  const readStatus = statusReader(deps);
  const compare = createRunComparer(deps);
  return [
    ...healthRoutes(deps),
    ...staticRoutes(deps),
    ...loginRoutes(deps),
    ...overviewRoutes(deps),
    ...runsRoutes(deps),
    ...runRoutes(deps, readStatus),
    ...exportRoutes(deps),
    ...caseRoutes(deps),
    ...caseFileRoutes(deps),
    ...reviewRoutes(deps),
    ...compareRoutes(deps, compare),
    ...submitRoutes(deps),
    ...checkpointRoutes(deps),
    ...scheduleRoutes(deps),
    ...diagnosticsRoutes(deps),
    ...apiRoutes(deps, readStatus, compare),
    ...openapiRoutes(),
  ];
}
