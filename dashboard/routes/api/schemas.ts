/** @module What the API's answers and addresses share. */
import { z } from "@hono/zod-openapi";
import {
  MOST_PER_PAGE,
  type Page,
} from "../../../shared/catalog/queries/page.ts";
import type { Access } from "../../security/access.ts";

export const LIGHT: Access = { role: "viewer", rate: "light", audit: "view" };
export const HEAVY: Access = { role: "viewer", rate: "heavy", audit: "view" };
/** What operators look at before they change something, and changes. */
export const LOOK: Access = { role: "operator", rate: "heavy", audit: "view" };
export const CHANGE: Access = { ...LOOK, audit: "change" };

/** Which part of a list. */
export const pageQuery = {
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(MOST_PER_PAGE).default(50),
};

export const foldQuery = z.union([
  z.literal("none").transform(() => null),
  z.coerce.number().int().min(0),
]).optional().openapi({
  type: "string",
  description: "The number of a fold, or `none` for cases that are in none",
});

export const runParams = z.object({ runId: z.string() });
export const caseParams = z.object({ runId: z.string(), caseId: z.string() });

/** The answer where all is well, for `createRoute`. */
export function answer<T extends z.ZodType>(description: string, schema: T) {
  return {
    200: { description, content: { "application/json": { schema } } },
  };
}

/** The answer where something was made, for `createRoute`. */
export function made<T extends z.ZodType>(description: string, schema: T) {
  return {
    201: { description, content: { "application/json": { schema } } },
  };
}

/** A page as `c.json` takes it. */
export function bodyOf<T>({ items, ...page }: Page<T>) {
  return { items: [...items], ...page };
}

/** A page of what is in memory as a whole. */
export function pageOfAll<T>(
  items: readonly T[],
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Page<T> {
  return {
    items: items.slice(offset, offset + limit),
    total: items.length,
    offset,
    limit,
  };
}
