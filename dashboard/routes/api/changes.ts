/** @module Retrying and cancelling runs as programs do it. */
import { z } from "@hono/zod-openapi";
import { nameSchema } from "../../../shared/plain_text.ts";
import type { DashboardDeps } from "../../deps.ts";
import { apiRoute, type Route } from "../../security/access.ts";
import { cancelRun, retryRun } from "../../submit/change_run.ts";
import { answer, CHANGE, runParams } from "./schemas.ts";

export const cancelRequestSchema = z.strictObject({
  reason: nameSchema.max(500).default(""),
});

export function changeApi(deps: DashboardDeps): Route[] {
  return [
    apiRoute(CHANGE, {
      method: "post",
      path: "/api/v1/runs/{runId}/retry",
      summary:
        "Open the failed cases of a run again, and start workers where none is at it",
      request: { params: runParams },
      responses: answer(
        "How many cases are open again, and who takes them up; a cancellation is taken back",
        z.strictObject({
          runId: z.string(),
          nReopened: z.int().min(0),
          workers: z.enum(["running", "started", "none", "failed"]),
          reason: z.string().nullable(),
        }),
      ),
    }, async (c) => {
      const { runId } = c.req.valid("param");
      return c.json({ runId, ...await retryRun(deps, runId) }, 200);
    }),
    apiRoute(CHANGE, {
      method: "post",
      path: "/api/v1/runs/{runId}/cancel",
      summary: "Ask all workers of a run to stop",
      request: {
        params: runParams,
        body: {
          content: { "application/json": { schema: cancelRequestSchema } },
        },
      },
      responses: answer(
        "`finished`: there was nothing to cancel any more",
        z.strictObject({
          runId: z.string(),
          state: z.enum(["cancelled", "finished"]),
        }),
      ),
    }, async (c) => {
      const { runId } = c.req.valid("param");
      const { reason = "" } = c.req.valid("json");
      return c.json(
        { runId, state: await cancelRun(deps, runId, reason) },
        200,
      );
    }),
  ];
}
