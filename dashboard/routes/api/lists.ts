/** @module Datasets and how much there is of everything, as JSON. */
import { z } from "@hono/zod-openapi";
import {
  datasetListSchema,
  datasets,
  totals,
  totalsSchema,
} from "../../../shared/catalog/queries/lists.ts";
import type { DashboardDeps } from "../../deps.ts";
import { apiRoute, type Route } from "../../security/access.ts";
import { answer, bodyOf, LIGHT, pageQuery } from "./schemas.ts";

export function listApi({ catalog }: DashboardDeps): Route[] {
  return [
    apiRoute(LIGHT, {
      method: "get",
      path: "/api/v1/datasets",
      summary: "Datasets that are indexed, or that any run is over",
      request: { query: z.object(pageQuery) },
      responses: answer("A page of them, by name", datasetListSchema),
    }, (c) => c.json(bodyOf(datasets(catalog, c.req.valid("query"))), 200)),
    apiRoute(LIGHT, {
      method: "get",
      path: "/api/v1/totals",
      summary: "How much there is of everything",
      responses: answer("Counts over all runs", totalsSchema),
    }, (c) => c.json(totals(catalog), 200)),
  ];
}
