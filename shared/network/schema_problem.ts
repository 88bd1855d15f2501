/**
 * What a schema found wrong, as part of a sentence.
 * @module
 */
import type { z } from "zod";

/** The first problem with the place it is at: `roi.2: Too small`. */
export function schemaProblem(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return error.message;
  const place = issue.path.map(String).join(".");
  return place === "" ? issue.message : `${place}: ${issue.message}`;
}
