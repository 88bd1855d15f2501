/** @module What the pages show, as JSON. */
import type { DashboardDeps } from "../../deps.ts";
import type { ReadStatus } from "../../progress/run_status.ts";
import type { Route } from "../../security/access.ts";
import { chartApi } from "./charts.ts";
import { resultApi } from "./results.ts";

export function apiRoutes(
  deps: DashboardDeps,
  readStatus: ReadStatus,
): Route[] {
  return [...resultApi(deps, readStatus), ...chartApi(deps)];
}
