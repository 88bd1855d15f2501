/** @module Which registered checkpoints are listed, and in which order. */
import { z } from "zod";
import type { RegisteredEntry } from "../../shared/dispatch/operations.ts";

export const checkpointListingSchema = z.strictObject({
  /** Part of its name, family or SHA-256, in any case of letters. */
  search: z.string().max(200).optional(),
  family: z.string().max(100).optional(),
  sort: z.enum(["name", "registeredAt", "bytes"]).default("registeredAt"),
  direction: z.enum(["ascending", "descending"]).default("descending"),
});
export type CheckpointListing = z.infer<typeof checkpointListingSchema>;

export function listedCheckpoints(
  all: readonly RegisteredEntry[],
  { search = "", family, sort, direction }: CheckpointListing,
): RegisteredEntry[] {
  const text = search.toLowerCase();
  const way = direction === "ascending" ? 1 : -1;
  return all.filter((one) =>
    (family === undefined || one.family === family) &&
    [one.name, one.family, one.sha256].some((value) =>
      value.toLowerCase().includes(text)
    )
  ).sort((a, b) => a[sort] === b[sort] ? 0 : a[sort] < b[sort] ? -way : way);
}
