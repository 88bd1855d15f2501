/** @module Whether the dashboard runs, and how old its index is. */
import { z } from "@hono/zod-openapi";
import { VERSION } from "../../shared/version.ts";
import type { DashboardDeps } from "../deps.ts";
import { apiRoute, type Route, route } from "../security/access.ts";

export const stateSchema = z.strictObject({
  version: z.string(),
  /** When the index last matched the store; null: never. */
  indexedAt: z.iso.datetime().nullable(),
  /** Whether the store does not answer. */
  isStuck: z.boolean(),
}).openapi("State");

export function healthRoutes({ freshness }: DashboardDeps): Route[] {
  return [
    // For programs that start and stop it: it says nothing of what it serves.
    route(
      "GET",
      "/healthz",
      { role: "anyone", rate: "free", audit: null, anyHost: true },
      (c) => c.text("ok"),
    ),
    apiRoute(
      { role: "viewer", rate: "light", audit: null },
      {
        method: "get",
        path: "/api/v1/state",
        summary: "How old the index is",
        responses: {
          200: {
            description: "The state of the index",
            content: { "application/json": { schema: stateSchema } },
          },
        },
      },
      (c) => {
        const { indexedAt, failure } = freshness.state();
        return c.json({
          version: VERSION,
          indexedAt: indexedAt?.toISOString() ?? null,
          isStuck: failure !== null,
        }, 200);
      },
    ),
  ];
}
