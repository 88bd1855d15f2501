/** @module What the pages show, as JSON. */
import type { CompareRuns } from "../../comparison/run_comparer.ts";
import type { DashboardDeps } from "../../deps.ts";
import type { ReadStatus } from "../../progress/run_status.ts";
import type { Route } from "../../security/access.ts";
import { chartApi } from "./charts.ts";
import { changeApi } from "./changes.ts";
import { listApi } from "./lists.ts";
import { resultApi } from "./results.ts";
import { reviewQueueApi } from "./review_queue.ts";
import { submissionApi } from "./submission.ts";

export function apiRoutes(
  deps: DashboardDeps,
  readStatus: ReadStatus,
  compare: CompareRuns,
): Route[] {
  return [
    ...resultApi(deps, readStatus, compare),
    ...chartApi(deps),
    ...listApi(deps),
    ...reviewQueueApi(deps),
    ...changeApi(deps),
    ...submissionApi(deps),
  ];
}
