/** @module What stands after the question mark of an address. */
import type { Context } from "hono";
import { z } from "zod";
import { PAGE_SIZE } from "../views/list.tsx";

/** Which page of a list, from 1. */
export const pageNumberSchema = z.coerce.number().int().min(1).max(1_000_000)
  .default(1);

/**
 * The values, checked. Forms send empty ones for what is not asked for: they are left out.
 *
 * @throws {z.ZodError} for what cannot be asked for.
 */
export function queryOf<T extends z.ZodType>(
  c: Context,
  schema: T,
): z.output<T> {
  const asked = Object.entries(c.req.query())
    .filter(([, value]) => value !== "");
  return schema.parse(Object.fromEntries(asked));
}

/** A page as queries name it. */
export function pageAt(page: number): { offset: number; limit: number } {
  return { offset: (page - 1) * PAGE_SIZE, limit: PAGE_SIZE };
}
