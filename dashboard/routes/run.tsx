/** @module A run: how far it is, its cases, where its masks come from. */
import { z } from "zod";
import { caseFilterSchema } from "../../shared/catalog/queries/case_order.ts";
import { cases } from "../../shared/catalog/queries/cases.ts";
import { run as findRun } from "../../shared/catalog/queries/run.ts";
import { requestCancel, withdrawCancel } from "../../shared/runs/cancel.ts";
import { retryFailed } from "../../shared/runs/retry.ts";
import { runStore } from "../../shared/runs/run_store.ts";
import { readRunState } from "../../shared/runs/run_state.ts";
import type { DashboardDeps } from "../deps.ts";
import { streamRun } from "../progress/stream_run.tsx";
import { liveProgress } from "../progress/progress.ts";
import { type ReadStatus, storeOfRun } from "../progress/run_status.ts";
import { type Route, route } from "../security/access.ts";
import { Refused } from "../security/refused.ts";
import { page } from "../views/layout.tsx";
import { RunPage } from "../views/run_page.tsx";
import { runQuerySchema, sortingOf } from "./run_query.ts";
import { pageAt, queryOf } from "./query.ts";

const cancelFormSchema = z.object({
  reason: z.string().trim().max(500).default(""),
});

export function runRoutes(
  deps: DashboardDeps,
  readStatus: ReadStatus,
): Route[] {
  const { catalog } = deps;

  /** @throws {Refused} where the index knows no such run. */
  function known(runId: string | undefined) {
    const run = findRun(catalog, runId ?? "");
    if (run === null) throw new Refused("unknown");
    return run;
  }

  /**
   * A run, and its folder as it can be written to.
   *
   * @throws {Refused} also for an evaluation of masks, which has no workers.
   */
  function knownSegmentation(runId: string | undefined) {
    const { runId: id, plan } = known(runId);
    if (plan.kind !== "segment") throw new Refused("unknown");
    return { id, plan, store: runStore(storeOfRun(deps.home, id), plan) };
  }

  return [
    route(
      "GET",
      "/runs/:runId",
      { role: "viewer", rate: "light", audit: "view" },
      async (c) => {
        const run = known(c.req.param("runId"));
        const query = queryOf(c, runQuerySchema);
        const progress = await liveProgress(deps, readStatus, run);
        return page(
          c,
          deps,
          {
            title: run.dataset.name === "" ? "Run" : run.dataset.name,
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
            role={c.get("identity")?.role ?? "viewer"}
          />,
        );
      },
    ),
    route(
      "GET",
      "/runs/:runId/events",
      { role: "viewer", rate: "light", audit: "view" },
      (c) => {
        const { runId } = known(c.req.param("runId"));
        const query = queryOf(c, runQuerySchema);
        return streamRun(c, deps, { runId, query, readStatus });
      },
    ),
    route(
      "POST",
      "/runs/:runId/retry",
      { role: "operator", rate: "heavy", audit: "change" },
      async (c) => {
        const { id, store } = knownSegmentation(c.req.param("runId"));
        const state = await readRunState(store);
        await retryFailed(store, state, [...state.failed]);
        await withdrawCancel(store);
        await deps.indexer.refreshRun(id, deps.signal);
        return c.redirect(`/runs/${id}?told=retried`, 303);
      },
    ),
    route(
      "POST",
      "/runs/:runId/cancel",
      { role: "operator", rate: "heavy", audit: "change" },
      async (c) => {
        const { id, plan, store } = knownSegmentation(c.req.param("runId"));
        const { reason } = cancelFormSchema.parse(await c.req.parseBody());
        await deps.indexer.refreshRun(id, deps.signal);
        if (known(id).state === "finished") {
          return c.redirect(`/runs/${id}?told=finished`, 303);
        }
        await requestCancel(
          store,
          plan.runId,
          reason === "" ? "asked for on the dashboard" : reason,
        );
        await deps.indexer.refreshRun(id, deps.signal);
        return c.redirect(`/runs/${id}?told=cancelled`, 303);
      },
    ),
  ];
}
