/**
 * Where a run stands, read from its records: which cases are done, failed or open.
 * @module
 */
import type { z } from "zod";
import type { Case } from "../datasets/dataset.ts";
import type { ObjectStore } from "../storage/object_store.ts";
import {
  caseOfResult,
  extensionKey,
  EXTENSIONS,
  FAILURES,
  parseFailureKey,
  RESULTS,
  RETRIES,
  retryKey,
} from "./keys.ts";
import { readRecord } from "./record_io.ts";
import { extensionSchema, retrySchema, type SegmentRun } from "./records.ts";

export interface RunState {
  /** Cases with a committed result, and when it was committed by the store's clock. */
  readonly done: ReadonlyMap<string, Date>;
  /** Cases that failed in the round they are in, and have no result. */
  readonly failed: ReadonlySet<string>;
  /** The round each retried case is in; every other case is in round 0. */
  readonly rounds: ReadonlyMap<string, number>;
  /** How many rounds of retries were opened. */
  readonly retries: number;
}

/** Lists results, failures and retries: a listing per kind, and one read per round of retries. */
export async function readRunState(store: ObjectStore): Promise<RunState> {
  const done = new Map<string, Date>();
  for await (const { key, modifiedAt } of store.list(RESULTS)) {
    const caseId = caseOfResult(key);
    if (caseId !== null) done.set(caseId, modifiedAt);
  }
  const rounds = new Map<string, number>();
  const retryRecords = await readNumbered(
    store,
    RETRIES,
    retryKey,
    retrySchema,
  );
  retryRecords.forEach((retry, index) => {
    for (const caseId of retry.cases) rounds.set(caseId, index + 1);
  });
  const failed = new Set<string>();
  for await (const { key } of store.list(FAILURES)) {
    const failure = parseFailureKey(key);
    if (failure === null) continue;
    const { caseId, round } = failure;
    const isCurrent = round === (rounds.get(caseId) ?? 0);
    if (isCurrent && !done.has(caseId)) failed.add(caseId);
  }
  return { done, failed, rounds, retries: retryRecords.length };
}

/** Records `1.json`, `2.json`, ... of a folder, in order of their numbers. */
export async function readNumbered<T>(
  store: ObjectStore,
  folder: string,
  keyOf: (n: number) => string,
  schema: z.ZodType<T>,
): Promise<T[]> {
  let count = 0;
  for await (const { key } of store.list(folder)) {
    // Deeper down there may be anything.
    if (/^[1-9]\d*\.json$/.test(key.slice(folder.length))) count++;
  }
  const records: T[] = [];
  for (let n = 1; n <= count; n++) {
    const record = await readRecord(store, keyOf(n), schema);
    if (record === null) {
      throw new SyntaxError(
        `Cannot read ${store.location}: ${folder} holds ${count} records, but ${
          keyOf(n)
        } is not there`,
      );
    }
    records.push(record);
  }
  return records;
}

/** Every case of a run: the plan's, and all that were added since. */
export async function readAllCases(
  store: ObjectStore,
  run: SegmentRun,
): Promise<Case[]> {
  const extensions = await readExtensions(store);
  return [...run.cases, ...extensions.flatMap(({ cases }) => cases)];
}

/** All cases that were added after the run was frozen. */
export async function readExtensions(
  store: ObjectStore,
): Promise<z.infer<typeof extensionSchema>[]> {
  return await readNumbered(store, EXTENSIONS, extensionKey, extensionSchema);
}
