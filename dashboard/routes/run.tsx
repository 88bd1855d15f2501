/** @module A run: how far it is, its cases, where its masks come from. */
import type { Context } from "hono";
import { caseFilterSchema } from "../../shared/catalog/queries/case_order.ts";
import { cases } from "../../shared/catalog/queries/cases.ts";
import { run as findRun } from "../../shared/catalog/queries/run.ts";
import type { DashboardDeps } from "../deps.ts";
import type { Env } from "../env.ts";
import { runFollower } from "../progress/follow_run.ts";
import { streamRun } from "../progress/stream_run.tsx";
import { lookerAgain } from "../progress/look_again.ts";
import { liveProgress } from "../progress/progress.ts";
import { type ReadStatus, storeOfRun } from "../progress/run_status.ts";
import { type Route, route } from "../security/access.ts";
import { Refused } from "../security/refused.ts";
import { cancelRun, retryRun } from "../submit/change_run.ts";
import { page } from "../views/layout.tsx";
import { notStarted } from "../views/not_started.tsx";
import { datasetName } from "../views/names.ts";
import type { WhatMayBeDone } from "../views/run_actions.tsx";
import { RunPage } from "../views/run_page.tsx";
import { cancelRequestSchema } from "./api/changes.ts";
import { runQuerySchema, sortingOf } from "./run_query.ts";
import { pageAt, queryOf } from "./query.ts";

export function runRoutes(
  deps: DashboardDeps,
  readStatus: ReadStatus,
): Route[] {
  const { catalog } = deps;
  const lookAgain = lookerAgain(deps);
  const followRun = runFollower(deps);

  /** @throws {Refused} where the index knows no such run. */
  function known(runId: string | undefined) {
    const run = findRun(catalog, runId ?? "");
    if (run === null) throw new Refused("unknown");
    return run;
  }

  function mayOf(c: Context<Env>, runId: string): WhatMayBeDone {
    return {
      role: c.get("identity")?.role ?? "viewer",
      location: storeOfRun(deps.home, runId).location,
      canStart: deps.operations?.maySubmit ?? false,
    };
  }

  return [
    route(
      "GET",
      "/runs/:runId",
      { role: "viewer", rate: "light", audit: "view" },
      async (c) => {
        const { runId, state } = known(c.req.param("runId"));
        const query = queryOf(c, runQuerySchema);
        if (state === "finished") await lookAgain(runId);
        const run = known(runId);
        const progress = await liveProgress(deps, readStatus, run);
        return page(
          c,
          deps,
          {
            title: datasetName(run.dataset),
            section: "/runs",
            scripts: run.state === "finished" ? [] : ["run.js"],
            hasHeading: false,
          },
          <RunPage
            run={run}
            progress={progress}
            query={query}
            cases={cases(catalog, {
              runId: run.runId,
              className: query.className,
            }, {
              filter: caseFilterSchema.strip().parse(query),
              sort: sortingOf(query),
              page: pageAt(query.page),
            })}
            may={mayOf(c, runId)}
          />,
        );
      },
    ),
    route(
      "GET",
      "/runs/:runId/events",
      { role: "viewer", rate: "light", audit: "view", isStream: true },
      (c) => {
        const { runId } = known(c.req.param("runId"));
        const query = queryOf(c, runQuerySchema);
        const may = mayOf(c, runId);
        return streamRun(c, deps, {
          runId,
          query,
          readStatus,
          followRun,
          may,
        });
      },
    ),
    route(
      "POST",
      "/runs/:runId/retry",
      { role: "operator", rate: "heavy", audit: "change" },
      async (c) => {
        const { runId } = known(c.req.param("runId"));
        const { workers, reason } = await retryRun(deps, runId);
        if (workers === "failed") {
          return notStarted(c, deps, [runId], reason ?? "");
        }
        const told = {
          running: "retried",
          started: "started",
          none: "reopened",
        };
        return c.redirect(`/runs/${runId}?told=${told[workers]}`, 303);
      },
    ),
    route(
      "POST",
      "/runs/:runId/cancel",
      { role: "operator", rate: "heavy", audit: "change" },
      async (c) => {
        const { runId } = known(c.req.param("runId"));
        const { reason } = cancelRequestSchema.parse(await c.req.parseBody());
        const told = await cancelRun(deps, runId, reason);
        return c.redirect(`/runs/${runId}?told=${told}`, 303);
      },
    ),
  ];
}
