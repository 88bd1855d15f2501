/** @module Reads records that the index does not know yet, and writes them into it batch by batch. */
import type { z } from "zod";
import { CaseError } from "../../case_error.ts";
import { mapParallel } from "../../datasets/map_parallel.ts";
import { issuesText } from "../../issue_text.ts";
import { breathe, type IndexContext, versionOf } from "./context.ts";
import { diagnose, diagnosedVersions, undiagnose } from "./diagnose.ts";

/** A record in the home, as a listing shows it. */
export interface Found {
  /** Relative to the home. */
  readonly key: string;
  readonly version: string;
}

/** A record as a listing shows it, without reading it; null where there is none. */
export async function findRecord(
  { home, signal }: Pick<IndexContext, "home" | "signal">,
  key: string,
): Promise<Found | null> {
  for await (const info of home.list(key, { signal })) {
    if (info.key === key) return { key, version: versionOf(info) };
  }
  return null;
}

/** Records read and written together: a transaction of some ten milliseconds. */
const BATCH = 500;
/** Enough to hide a bucket's latency. */
const PARALLEL_READS = 32;
/** No record but `run.json` is near this size; a larger one is somebody else's. */
const MAX_BYTES = 64 * 1024 * 1024;

export interface NewRecords<T> {
  /** The run's folder, or null for records of the home itself. */
  readonly folder: string | null;
  readonly found: readonly Found[];
  readonly schema: z.ZodType<T>;
  /** Takes a sound record in, within a transaction; returns what is wrong with it where it is not one of ours. */
  write(record: T, found: Found): string | null;
}

/** @returns how many records were taken in. */
export async function readNew<T>(
  context: IndexContext,
  { folder, found, schema, write }: NewRecords<T>,
): Promise<number> {
  if (found.length === 0) return 0;
  const damaged = diagnosedVersions(context, folder);
  const fresh = found.filter(({ key, version }) =>
    damaged.get(key) !== version
  );
  let taken = 0;
  for (let start = 0; start < fresh.length; start += BATCH) {
    const batch = fresh.slice(start, start + BATCH);
    const records = await mapParallel(
      batch,
      PARALLEL_READS,
      ({ key }) => readAs(context, key, schema),
    );
    context.catalog.transaction(() => {
      batch.forEach((one, n) => {
        const read = records[n] ?? { reason: "It vanished while it was read" };
        const reason = "record" in read ? write(read.record, one) : read.reason;
        if (reason === null) taken++;
        if (reason !== null) diagnose(context, { ...one, folder, reason });
        else if (damaged.has(one.key)) undiagnose(context, one.key);
      });
    });
    await breathe(context.signal);
  }
  return taken;
}

type ReadRecord<T> = { readonly record: T } | { readonly reason: string };

/**
 * A record, or why it cannot be understood; null when there is none. Of a folder, `peek` reads a file without working
 * out its sha256.
 */
export async function readAs<T>(
  { home, signal, tally }: IndexContext,
  key: string,
  schema: z.ZodType<T>,
  maxBytes: number = MAX_BYTES,
): Promise<ReadRecord<T> | null> {
  let start: Awaited<ReturnType<typeof home.peek>>;
  try {
    start = await home.peek(key, maxBytes, signal);
  } catch (error) {
    // A file that may not be read is its own problem; an outage is everybody's.
    if (!(error instanceof CaseError) || error.kind !== "unreadable") {
      throw error;
    }
    return { reason: error.message };
  }
  if (start === null) return null;
  tally.recordsRead++;
  if (start.bytes > maxBytes) {
    return {
      reason: `It has ${start.bytes} bytes, a record at most ${maxBytes}`,
    };
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(start.body));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { reason: "It is not JSON" };
  }
  const parsed = schema.safeParse(json);
  return parsed.success
    ? { record: parsed.data }
    : { reason: shortened(issuesText(parsed.error)) };
}

const LONGEST_REASON = 500;

function shortened(text: string): string {
  const line = text.replace(/\s*\n\s*/g, " ");
  return line.length <= LONGEST_REASON
    ? line
    : `${line.slice(0, LONGEST_REASON)}...`;
}
