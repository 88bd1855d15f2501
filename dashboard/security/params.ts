/**
 * The parameters that paths may have. Each is checked before any handler sees it, and handlers look it up
 * in the index: it never becomes part of a path.
 * @module
 */
import { z } from "zod";
import { encodeCaseId } from "../../shared/datasets/case_id.ts";

/** No control characters, which would end up in logs, and nothing that could leave a folder. */
const textSchema = z.string().min(1).max(200)
  .regex(/^[^\p{Cc}\p{Cs}/\\]+$/u)
  .refine((text) => text !== "." && text !== "..");

const nameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/);

const caseIdSchema = textSchema.refine((text) => {
  try {
    return encodeCaseId(text) !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
});

export const PARAMS: Readonly<Record<string, z.ZodType<string>>> = Object
  .freeze({
    runId: nameSchema,
    caseId: caseIdSchema,
    dataset: textSchema,
    checkpoint: nameSchema,
    schedule: nameSchema,
    comparison: nameSchema,
    review: nameSchema,
    plan: nameSchema,
    build: z.string().regex(/^[0-9a-f]{16}$/),
    file: nameSchema,
  });

/** The names of a path's parameters. */
export function paramNames(path: string): string[] {
  return [...path.matchAll(/:([A-Za-z]+)/g)].map(([, name]) => name!);
}

/** Whether every parameter is what its name promises. */
export function areValid(params: Readonly<Record<string, string>>): boolean {
  return Object.entries(params).every(([name, value]) =>
    PARAMS[name]?.safeParse(value).success === true
  );
}
