/** @module The checkpoints that runs were made with, and where their files were. */
import { z } from "zod";
import type { Catalog } from "../open_catalog.ts";

export const runCheckpointSchema = z.strictObject({
  name: z.string(),
  location: z.string(),
  sha256: z.string(),
});
export type RunCheckpoint = z.infer<typeof runCheckpointSchema>;

/** Each file once; those of the newest runs come first. */
export function runCheckpoints(
  catalog: Catalog,
  limit: number,
): RunCheckpoint[] {
  return catalog.all(
    `SELECT c.value ->> 'name' AS name, c.value ->> 'location' AS location, c.value ->> 'sha256' AS sha256
     FROM runs r, json_each(r.plan, '$.checkpoints') c WHERE r.kind = 'segment'
     GROUP BY location, sha256 ORDER BY max(r.createdAt) DESC, location LIMIT ?`,
    limit,
  ).map((row) => runCheckpointSchema.parse(row));
}
