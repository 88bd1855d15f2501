/** @module The cases of a run as a list, and one of them with everything there is to see. */
import { z } from "@hono/zod-openapi";
import {
  caseDetail,
  caseDetailSchema,
} from "../../shared/catalog/queries/case_detail.ts";
import { cases } from "../../shared/catalog/queries/cases.ts";
import { runNames } from "../../shared/catalog/queries/run_names.ts";
import { runRow } from "../../shared/catalog/queries/runs.ts";
import {
  casesUrl,
  caseUrl,
  contextQuerySchema,
  listingOf,
  type ListQuery,
  listQuerySchema,
  type Place,
  placeInQueue,
} from "../cases/case_context.ts";
import { lesionTableSchema } from "../cases/lesion_table.ts";
import { lookAtFiles } from "../cases/look_at_files.ts";
import { createLesionReader } from "../cases/read_lesions.ts";
import type { DashboardDeps } from "../deps.ts";
import { findSaved } from "../reviews/saved_review.ts";
import {
  type Access,
  apiRoute,
  type Route,
  route,
} from "../security/access.ts";
import { Refused } from "../security/refused.ts";
import { CaseList } from "../views/case_list.tsx";
import { CasePage } from "../views/case_page.tsx";
import { page } from "../views/layout.tsx";
import type { Query } from "../views/list.tsx";
import { mayReview } from "./may_review.ts";
import { pageAt, pageNumberSchema, queryOf } from "./query.ts";

const casesQuerySchema = listQuerySchema.extend({ page: pageNumberSchema });

export function caseRoutes(deps: DashboardDeps): Route[] {
  const { catalog } = deps;
  const readLesions = createLesionReader(deps);
  const view: Access = { role: "viewer", rate: "light", audit: "view" };

  return [
    route("GET", "/runs/:runId/cases", view, async (c) => {
      const runId = c.req.param("runId")!;
      const run = runRow(catalog, runId);
      const names = runNames(catalog, runId);
      if (run === null || names === null) throw new Refused("id");
      const { page: number, ...query } = queryOf(c, casesQuerySchema);
      const { scope = { runId }, ...listing } = listingOf(runId, query);
      const list = cases(catalog, scope, {
        ...listing,
        page: pageAt(number),
      });
      return page(
        c,
        deps,
        { title: "Cases", section: "/runs", hasHeading: false },
        <CaseList
          styles={deps.assets.url("cases.css")}
          run={run}
          classes={names.classes}
          query={query}
          list={list}
          page={number}
          mayReview={mayReview(c)}
          saved={await findSaved(
            deps,
            c.get("identity"),
            c.req.query("saved"),
          )}
        />,
      );
    }),
    route("GET", "/runs/:runId/cases/:caseId", view, async (c) => {
      const { runId = "", caseId = "" } = c.req.param();
      const query = queryOf(c, contextQuerySchema);
      const detail = caseDetail(
        catalog,
        runId,
        caseId,
        listingOf(runId, query),
      );
      const run = runRow(catalog, runId);
      const names = runNames(catalog, runId);
      if (detail === null || run === null || names === null) {
        throw new Refused("id");
      }
      const { queue, in: within, dataset, checkpoint, at, ...list } = query;
      const place = queue === undefined
        ? placeInList(detail, list)
        : placeInQueue(
          catalog,
          queue,
          { in: within, dataset, checkpoint, search: query.search },
          detail,
          at,
        );
      return page(
        c,
        deps,
        {
          title: caseId,
          section: queue === undefined ? "/runs" : "/review",
          hasHeading: false,
          scripts: ["case.js"],
        },
        <CasePage
          styles={deps.assets.url("cases.css")}
          detail={detail}
          run={run}
          classes={names.classes}
          files={await lookAtFiles(deps, detail, deps.signal)}
          place={place}
          mayReview={mayReview(c)}
          saved={await findSaved(
            deps,
            c.get("identity"),
            c.req.query("saved"),
          )}
          isAmongRuns={queue !== undefined && within === undefined}
        />,
      );
    }),
    apiRoute(
      { ...view, rate: "heavy" },
      {
        method: "get",
        path: "/api/v1/runs/{runId}/cases/{caseId}/lesions",
        summary: "The lesions of a case, found, missed and false",
        request: {
          params: z.object({ runId: z.string(), caseId: z.string() }),
        },
        responses: {
          200: {
            description: "The lesions, those that need a look first",
            content: { "application/json": { schema: lesionTableSchema } },
          },
          409: {
            description: "The files of the case allow no such table",
            content: {
              "application/json": {
                schema: z.strictObject({ reason: z.string() }),
              },
            },
          },
        },
      },
      async (c) => {
        const { runId, caseId } = c.req.valid("param");
        const detail = caseDetail(catalog, runId, caseId);
        const names = runNames(catalog, runId);
        if (detail === null || names === null) throw new Refused("id");
        const read = await readLesions(
          detail,
          ["background", ...names.classes],
        );
        return "table" in read ? c.json(read.table, 200) : c.json(read, 409);
      },
    ),
  ];
}

function placeInList(
  detail: z.infer<typeof caseDetailSchema>,
  list: ListQuery,
): Place {
  const { runId, position, total, previous, next } = detail;
  const query: Query = { ...list };
  return {
    name: list.sort === undefined || list.sort === "worst"
      ? "worst first"
      : "in the list's order",
    listUrl: casesUrl(runId, query),
    position,
    total,
    previousUrl: previous === null ? null : caseUrl(previous, query),
    nextUrl: next === null ? null : caseUrl(next, query),
  };
}
