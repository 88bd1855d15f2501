/**
 * The list that a case is looked at in, which says what comes before and after it: a run's cases in some order, or
 * a queue of cases to review. It stands in the address, so that it can be linked to.
 * @module
 */
import { z } from "zod";
import type { Catalog } from "../../shared/catalog/open_catalog.ts";
import {
  caseFilterSchema,
  caseSortSchema,
} from "../../shared/catalog/queries/case_order.ts";
import type { CaseDetailOptions } from "../../shared/catalog/queries/case_detail.ts";
import {
  reviewQueue,
  type ReviewQueueKind,
} from "../../shared/catalog/queries/review_queue.ts";
import { address, type Query } from "../views/list.tsx";

/** Queues by the names that addresses call them. */
export const QUEUES = ["lowest-dice", "volume-error", "unreviewed"] as const;
export type QueueName = typeof QUEUES[number];

const QUEUE_KINDS: Readonly<Record<QueueName, ReviewQueueKind>> = Object.freeze(
  {
    "lowest-dice": "lowestDice",
    "volume-error": "largestVolumeError",
    unreviewed: "newest",
  },
);

export const listQuerySchema = z.object({
  ...caseFilterSchema.shape,
  className: z.string().max(200).optional(),
  sort: caseSortSchema.shape.by.optional(),
  direction: caseSortSchema.shape.direction.unwrap().optional(),
});
export type ListQuery = z.infer<typeof listQuerySchema>;

export const queueQuerySchema = z.object({
  queue: z.enum(QUEUES).optional(),
  /** The run that the queue is of. */
  in: z.string().max(200).optional(),
});
export type QueueQuery = z.infer<typeof queueQuerySchema>;

export const contextQuerySchema = listQuerySchema.extend(
  queueQuerySchema.shape,
);
export type ContextQuery = z.infer<typeof contextQuerySchema>;

/** A list's filter and order as the index takes them. */
export function listingOf(
  runId: string,
  { sort = "worst", direction = "ascending", className, ...filter }: ListQuery,
): CaseDetailOptions {
  return {
    scope: { runId, className },
    filter,
    sort: { by: sort, direction },
  };
}

export function casesUrl(runId: string, query: Query = {}): string {
  return address(`/runs/${encodeURIComponent(runId)}/cases`, query);
}

export function caseUrl(
  { runId, caseId }: { runId: string; caseId: string },
  query: Query = {},
): string {
  return address(
    `/runs/${encodeURIComponent(runId)}/cases/${encodeURIComponent(caseId)}`,
    query,
  );
}

export interface Place {
  /** What the list is called. */
  readonly name: string;
  readonly listUrl: string;
  /** From 1; null where the list does not hold the case. */
  readonly position: number | null;
  readonly total: number;
  readonly previousUrl: string | null;
  readonly nextUrl: string | null;
}

export const QUEUE_TEXTS: Readonly<Record<QueueName, string>> = Object.freeze({
  "lowest-dice": "Lowest Dice",
  "volume-error": "Largest volume error",
  unreviewed: "Not yet reviewed",
});

/** Cases of a queue that are looked at: more than one person reviews in a day. */
const QUEUE_LENGTH = 200;

export function readQueue(
  catalog: Catalog,
  queue: QueueName,
  runId: string | undefined,
  limit = QUEUE_LENGTH,
) {
  return reviewQueue(catalog, QUEUE_KINDS[queue], {
    ...(runId === undefined ? {} : { scope: { runId } }),
    page: { limit },
  });
}

/** The place of a case in a queue. One that has just been reviewed is no longer in it: what is first follows. */
export function placeInQueue(
  catalog: Catalog,
  queue: QueueName,
  within: string | undefined,
  one: { runId: string; caseId: string },
): Place {
  const rows = readQueue(catalog, queue, within);
  const at = rows.findIndex(({ runId, caseId }) =>
    runId === one.runId && caseId === one.caseId
  );
  const query = { queue, in: within };
  const urlOf = (index: number) => {
    const row = rows[index];
    return row === undefined ? null : caseUrl(row, query);
  };
  return {
    name: `${QUEUE_TEXTS[queue]} first`,
    listUrl: address("/review", { kind: queue, run: within }),
    position: at === -1 ? null : at + 1,
    total: rows.length,
    previousUrl: urlOf(at - 1),
    nextUrl: urlOf(at + 1),
  };
}
