/** @module What the address of a run's page says of its list of cases. */
import { z } from "zod";
import {
  caseFilterSchema,
  type CaseSort,
  caseSortSchema,
} from "../../shared/catalog/queries/case_order.ts";
import { pageNumberSchema } from "./query.ts";

export const runQuerySchema = z.object({
  ...caseFilterSchema.shape,
  className: z.string().max(200).optional(),
  sort: caseSortSchema.shape.by.default("worst"),
  direction: caseSortSchema.shape.direction,
  page: pageNumberSchema,
  /** What was just done. */
  told: z.enum(["retried", "started", "reopened", "cancelled", "finished"])
    .optional().catch(
      undefined,
    ),
  /** Of a stream of events: whether the page's table has the columns of labelled cases. */
  labelled: z.enum(["yes", "no"]).optional(),
  /** Of a stream of events: the id of the newest one that the page has, where it connects anew. */
  seen: z.string().max(100).optional(),
});
export type RunQuery = z.infer<typeof runQuerySchema>;

export function sortingOf({ sort, direction }: RunQuery): CaseSort {
  return { by: sort, direction };
}
