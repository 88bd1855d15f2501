/** @module Runs, cases and summaries as JSON. */
import { z } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import {
  caseFilterSchema,
  caseSortSchema,
} from "../../../shared/catalog/queries/case_order.ts";
import {
  casePageSchema,
  cases,
} from "../../../shared/catalog/queries/cases.ts";
import {
  diagnosticListingSchema,
  diagnosticPageSchema,
  diagnostics,
} from "../../../shared/catalog/queries/diagnostics.ts";
import {
  overview,
  overviewOptionsSchema,
  overviewPageSchema,
} from "../../../shared/catalog/queries/overview.ts";
import { compareOptionsSchema } from "../../../shared/catalog/queries/compare_runs.ts";
import { run, runDetailSchema } from "../../../shared/catalog/queries/run.ts";
import {
  runListingSchema,
  runPageSchema,
  runs,
} from "../../../shared/catalog/queries/runs.ts";
import { comparisonSchema } from "../../../shared/metrics/compare.ts";
import {
  caseDetail,
  caseDetailSchema,
} from "../../../shared/catalog/queries/case_detail.ts";
import type { CompareRuns } from "../../comparison/run_comparer.ts";
import type { DashboardDeps } from "../../deps.ts";
import { liveProgress, progressSchema } from "../../progress/progress.ts";
import type { ReadStatus } from "../../progress/run_status.ts";
import { apiRoute, type Route } from "../../security/access.ts";
import { Refused } from "../../security/refused.ts";
import {
  answer,
  bodyOf,
  caseParams,
  HEAVY,
  LIGHT,
  pageQuery,
  runParams,
} from "./schemas.ts";

export function resultApi(
  deps: DashboardDeps,
  readStatus: ReadStatus,
  compare: CompareRuns,
): Route[] {
  const { catalog } = deps;
  return [
    apiRoute(LIGHT, {
      method: "get",
      path: "/api/v1/overview",
      summary: "Every dataset, checkpoint and fold, with what came out",
      request: {
        query: z.object({
          ...overviewOptionsSchema.shape,
          isLabelled: z.enum(["true", "false"]).optional(),
          ...pageQuery,
        }),
      },
      responses: answer("A page of them", overviewPageSchema),
    }, (c) => {
      const { offset, limit, isLabelled, ...options } = c.req.valid("query");
      return c.json(
        bodyOf(overview(catalog, {
          ...options,
          ...(isLabelled !== undefined &&
            { isLabelled: isLabelled === "true" }),
          page: { offset, limit },
        })),
        200,
      );
    }),
    apiRoute(LIGHT, {
      method: "get",
      path: "/api/v1/runs",
      summary: "Runs",
      request: {
        query: z.object({ ...runListingSchema.shape, ...pageQuery }),
      },
      responses: answer("A page of them", runPageSchema),
    }, (c) => {
      const { offset, limit, ...listing } = c.req.valid("query");
      return c.json(
        bodyOf(runs(catalog, { ...listing, page: { offset, limit } })),
        200,
      );
    }),
    apiRoute(LIGHT, {
      method: "get",
      path: "/api/v1/runs/{runId}",
      summary: "A run: how far it is, its summary, where its masks come from",
      request: { params: runParams },
      responses: answer("The run", runDetailSchema),
    }, (c) => {
      const found = run(catalog, c.req.valid("param").runId);
      if (found === null) throw new Refused("unknown");
      return c.json(found, 200);
    }),
    apiRoute(LIGHT, {
      method: "get",
      path: "/api/v1/runs/{runId}/cases",
      summary: "The cases of a run with the figures of one class",
      request: {
        params: runParams,
        query: z.object({
          ...caseFilterSchema.shape,
          className: z.string().max(200).optional(),
          sort: caseSortSchema.shape.by.default("worst"),
          direction: caseSortSchema.shape.direction,
          ...pageQuery,
        }),
      },
      responses: answer("A page of them", casePageSchema),
    }, (c) => {
      const { runId } = c.req.valid("param");
      if (run(catalog, runId) === null) throw new Refused("unknown");
      const { offset, limit, className, sort, direction, ...filter } = c.req
        .valid("query");
      return c.json(
        bodyOf(cases(catalog, { runId, className }, {
          filter,
          sort: { by: sort, direction },
          page: { offset, limit },
        })),
        200,
      );
    }),
    apiRoute(LIGHT, {
      method: "get",
      path: "/api/v1/runs/{runId}/progress",
      summary: "How far a run is, read from its records",
      request: { params: runParams },
      responses: answer(
        "Its counts, workers, rate, time left and cost",
        progressSchema,
      ),
    }, async (c) => {
      const found = run(catalog, c.req.valid("param").runId);
      if (found === null) throw new Refused("unknown");
      return c.json(await liveProgress(deps, readStatus, found), 200);
    }),
    apiRoute(LIGHT, {
      method: "get",
      path: "/api/v1/runs/{runId}/cases/{caseId}",
      summary: "All that is known of a case, and its neighbours in its run",
      request: { params: caseParams },
      responses: answer("The case", caseDetailSchema),
    }, (c) => {
      const { runId, caseId } = c.req.valid("param");
      const found = caseDetail(catalog, runId, caseId);
      if (found === null) throw new Refused("unknown");
      return c.json(found, 200);
    }),
    apiRoute(HEAVY, {
      method: "get",
      path: "/api/v1/comparison",
      summary: "Two runs on the same labelled cases",
      request: {
        query: z.object({
          before: z.string(),
          after: z.string(),
          ...compareOptionsSchema.shape,
        }),
      },
      responses: answer("Differences are after minus before", comparisonSchema),
    }, async (c) => {
      const { before, after, ...options } = c.req.valid("query");
      const comparison = await comparable(() =>
        compare(before, after, options)
      );
      if (comparison === null) throw new Refused("unknown");
      return c.json(comparison, 200);
    }),
    apiRoute(LIGHT, {
      method: "get",
      path: "/api/v1/diagnostics",
      summary: "Records that cannot be understood, and why",
      request: {
        query: z.object({ ...diagnosticListingSchema.shape, ...pageQuery }),
      },
      responses: answer("A page of them", diagnosticPageSchema),
    }, (c) => {
      const { offset, limit, ...listing } = c.req.valid("query");
      return c.json(
        bodyOf(diagnostics(catalog, { ...listing, page: { offset, limit } })),
        200,
      );
    }),
  ];
}

/** @throws {HTTPException} where runs cannot be compared, with the reason. */
async function comparable<T>(compare: () => Promise<T>): Promise<T> {
  try {
    return await compare();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new HTTPException(409, { message: error.message, cause: error });
  }
}
