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

/** What a queue is narrowed to. */
const queueScopeSchema = z.object({
  /** The run that the queue is of. */
  in: z.string().max(200).optional(),
  /** A dataset's key. */
  dataset: z.string().max(500).optional(),
  /** A checkpoint's key. */
  checkpoint: z.string().max(500).optional(),
  search: caseFilterSchema.shape.search,
});
export type QueueScope = z.infer<typeof queueScopeSchema>;

export const queueQuerySchema = queueScopeSchema.extend({
  queue: z.enum(QUEUES).optional(),
  /** Where in the queue the case stood, from 0: once it is reviewed, what followed it stands there. */
  at: z.coerce.number().int().min(0).max(10_000).optional(),
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
  { in: run, ...among }: QueueScope,
  limit = QUEUE_LENGTH,
) {
  return reviewQueue(catalog, QUEUE_KINDS[queue], {
    among: { run, ...among },
    page: { limit },
  });
}

/** The queue's own page. */
export function queueUrl(
  queue: QueueName,
  { in: run, dataset, checkpoint, search }: QueueScope,
): string {
  return address("/review", { kind: queue, run, dataset, checkpoint, search });
}

/** The address of a case that stands at a place of a queue, from 0. */
export function caseInQueueUrl(
  one: { runId: string; caseId: string },
  queue: QueueName,
  within: QueueScope,
  at: number,
): string {
  return caseUrl(one, { queue, ...within, at });
}

/**
 * The place of a case in a queue. One that was reviewed meanwhile, by whomever, is no longer in it: what followed it
 * has moved up to where it stood.
 *
 * @param within what the queue is narrowed to
 * @param stoodAt where it stood when its address was made
 */
export function placeInQueue(
  catalog: Catalog,
  queue: QueueName,
  within: QueueScope,
  one: { runId: string; caseId: string },
  stoodAt = 0,
): Place {
  const rows = readQueue(catalog, queue, within);
  const at = rows.findIndex(({ runId, caseId }) =>
    runId === one.runId && caseId === one.caseId
  );
  const urlOf = (index: number) => {
    const row = rows[index];
    return row === undefined ? null : caseInQueueUrl(row, queue, within, index);
  };
  const place = at === -1 ? Math.min(stoodAt, rows.length) : at;
  return {
    name: `${QUEUE_TEXTS[queue]} first`,
    listUrl: queueUrl(queue, within),
    position: at === -1 ? null : at + 1,
    total: rows.length,
    previousUrl: urlOf(place - 1),
    nextUrl: urlOf(at === -1 ? place : place + 1),
  };
}
