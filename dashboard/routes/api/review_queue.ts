/** @module Cases that deserve a review, as JSON. */
import { z } from "@hono/zod-openapi";
import { caseFilterSchema } from "../../../shared/catalog/queries/case_order.ts";
import { caseRowSchema } from "../../../shared/catalog/queries/case_row.ts";
import { MOST_PER_PAGE } from "../../../shared/catalog/queries/page.ts";
import {
  reviewQueue,
  reviewQueueKindSchema,
} from "../../../shared/catalog/queries/review_queue.ts";
import { runNames } from "../../../shared/catalog/queries/run_names.ts";
import type { DashboardDeps } from "../../deps.ts";
import { apiRoute, type Route } from "../../security/access.ts";
import { Refused } from "../../security/refused.ts";
import { answer, LIGHT } from "./schemas.ts";

export function reviewQueueApi({ catalog }: DashboardDeps): Route[] {
  return [
    apiRoute(LIGHT, {
      method: "get",
      path: "/api/v1/review-queue",
      summary: "Cases that nobody has reviewed, those that need it most first",
      request: {
        query: z.object({
          kind: reviewQueueKindSchema.default("lowestDice"),
          runId: z.string().max(200).optional(),
          dataset: z.string().max(500).optional(),
          checkpoint: z.string().max(500).optional(),
          search: caseFilterSchema.shape.search,
          limit: z.coerce.number().int().min(1).max(MOST_PER_PAGE).default(50),
        }),
      },
      responses: answer(
        "The first of them; a case leaves the queue with its review",
        z.strictObject({ items: z.array(caseRowSchema) }),
      ),
    }, (c) => {
      const { kind, runId, limit, ...among } = c.req.valid("query");
      if (runId !== undefined && runNames(catalog, runId) === null) {
        throw new Refused("id");
      }
      const items = reviewQueue(catalog, kind, {
        among: { run: runId, ...among },
        page: { limit },
      });
      return c.json({ items }, 200);
    }),
  ];
}
