/**
 * `uptake gc`: remove files of attempts that no result names.
 * @module
 */
import { z } from "zod";
import { findOrphans } from "../../shared/runs/orphans.ts";
import { openNamedRun, runOption } from "../cli/runs.ts";
import { verb } from "../cli/verb.ts";

export const gc = verb({
  name: "gc",
  summary: "Remove what attempts left behind that did not win",
  details: `
Committed files are never touched, nor what belongs to a case that a worker has claimed.
A run without claims (segment, or shards) does not tell who works on it: there only the
age of an attempt protects it, so choose one that no upload takes. Less than an hour is
refused. Parts of uploads that were cut short are the bucket's to remove: give it a
lifecycle rule (AbortIncompleteMultipartUpload).

Examples:
  uptake gc --run s3://bucket/home/runs/20261124T093015Z-4f2a9c --dry-run
  uptake gc --run results/ --older-than-hours 1`,
  options: z.strictObject({
    run: runOption,
    olderThanHours: z.number()
      .min(1, "takes at least 1: a younger attempt may still be at work")
      .default(24).describe(
        "of cases without a result, only attempts that nobody has written to for so long; at least 1",
      ),
    dryRun: z.boolean().default(false).describe("only tell what would go"),
  }),
  async run({ run: location, olderThanHours, dryRun }, context) {
    const { store } = await openNamedRun(context, location);
    let files = 0;
    let bytes = 0;
    const orphans = findOrphans(store, olderThanHours * 3600);
    for await (const orphan of orphans) {
      context.signal.throwIfAborted();
      if (!dryRun) await store.delete(orphan.key);
      files++;
      bytes += orphan.bytes;
    }
    return {
      exitCode: 0,
      json: { location: store.location, files, bytes, dryRun },
      text: `${files} files with ${(bytes / 1e6).toFixed(1)} MB ${
        dryRun ? "would be removed" : "removed"
      }`,
    };
  },
});
