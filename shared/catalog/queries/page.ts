/** @module Pages of lists. */
import { z } from "zod";

export const MOST_PER_PAGE = 200;

export const pageSchema = z.strictObject({
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(MOST_PER_PAGE).default(50),
});
export type PageOptions = z.input<typeof pageSchema>;

/** A part of a list; `total` counts the whole list as it is filtered. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
  readonly offset: number;
  readonly limit: number;
}

/** The schema of a page of such items. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({
    items: z.array(item),
    total: z.int().min(0),
    offset: z.int().min(0),
    limit: z.int().min(1).max(MOST_PER_PAGE),
  });
}
