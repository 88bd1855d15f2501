/** @module What charts show, as JSON. */
import { z } from "@hono/zod-openapi";
import { FIGURES } from "../../../shared/catalog/figures.ts";
import {
  distributedFigureSchema,
  distribution,
  distributionSchema,
} from "../../../shared/catalog/queries/distribution.ts";
import { dots, dotsSchema } from "../../../shared/catalog/queries/dots.ts";
import {
  trend,
  trendOptionsSchema,
  trendPointSchema,
} from "../../../shared/catalog/queries/trend.ts";
import type { DashboardDeps } from "../../deps.ts";
import { apiRoute, type Route } from "../../security/access.ts";
import { answer, foldQuery, HEAVY, LIGHT } from "./schemas.ts";

const selectionQuery = {
  dataset: z.string().max(200),
  checkpoint: z.string().max(200).optional(),
  fold: foldQuery,
  className: z.string().max(200).optional(),
};

export function chartApi({ catalog }: DashboardDeps): Route[] {
  return [
    apiRoute(LIGHT, {
      method: "get",
      path: "/api/v1/dots",
      summary: "A figure of each case of a dataset, at most 2,000 of them",
      request: {
        query: z.object({ ...selectionQuery, figure: z.enum(FIGURES) }),
      },
      responses: answer(
        "In order of their values; whether it is a sample is told",
        dotsSchema,
      ),
    }, (c) => {
      const { figure, ...scope } = c.req.valid("query");
      return c.json(dots(catalog, scope, figure), 200);
    }),
    apiRoute(LIGHT, {
      method: "get",
      path: "/api/v1/trend",
      summary: "How checkpoints did over time, the oldest first",
      request: { query: z.object(trendOptionsSchema.shape) },
      responses: answer("Up to 500 runs", z.array(trendPointSchema)),
    }, (c) => c.json(trend(catalog, c.req.valid("query")), 200)),
    apiRoute(HEAVY, {
      method: "get",
      path: "/api/v1/distribution",
      summary: "How a figure is spread over cases, and which stand out",
      request: {
        query: z.object({
          ...selectionQuery,
          figure: distributedFigureSchema,
        }),
      },
      responses: answer("Its distribution", distributionSchema),
    }, (c) => {
      const { figure, ...scope } = c.req.valid("query");
      return c.json(distribution(catalog, scope, figure), 200);
    }),
  ];
}
