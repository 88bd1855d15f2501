/**
 * Reading records in the harness: one that cannot be read is a violation.
 * @module
 */
import { z } from "zod";
import {
  type RunSummary,
  runSummarySchema,
} from "../../../shared/runs/records.ts";
import { SUMMARY_KEY } from "../../../shared/runs/keys.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import type { History } from "./history.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** @throws {Violation} when it is not a whole record. */
export function parseRecord<T>(
  history: History,
  key: string,
  body: Bytes,
  schema: z.ZodType<T>,
): T {
  const text = new TextDecoder().decode(body);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw history.violation(`${key} is no JSON: ${text.slice(0, 200)}`);
  }
  const { success, data, error } = schema.safeParse(json);
  if (success) return data;
  throw history.violation(`${key} is no record: ${z.prettifyError(error)}`);
}

/** The run's summary, or null. */
export async function summaryOf(
  store: ObjectStore,
  history: History,
): Promise<RunSummary | null> {
  const object = await store.get(SUMMARY_KEY);
  if (object === null) return null;
  return parseRecord(history, SUMMARY_KEY, object.body, runSummarySchema);
}

export function isSame(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
