/**
 * Names that follow from what they name. A request that is sent twice, by a retry or by a person,
 * then meets what the first one made.
 * @module
 */
import { sha256 } from "../runs/sha256.ts";
import type { WorkOrder } from "./dispatcher.ts";

/** The job of an order, the same for the same order: `uptake-0123456789ab`. */
export async function jobName(order: WorkOrder): Promise<string> {
  const { runs, workers, sharded, again } = order;
  const parts = [
    runs,
    workers,
    sharded,
    ...(again === undefined ? [] : [again]),
  ];
  return `uptake-${(await jsonSha256(parts)).slice(0, 12)}`;
}

/** SHA-256 of a value's JSON, as lower-case hex; the order of fields counts. */
export function jsonSha256(value: unknown): Promise<string> {
  return sha256(new TextEncoder().encode(JSON.stringify(value)));
}

/** Fits a label of Kubernetes, and a tag of AWS. */
const LABEL = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/**
 * By which people find the job of a run: the last part of its location, which is the run's id in a
 * home; the job's own name where that is no label, or where there are several runs.
 */
export function runLabel(order: WorkOrder, name: string): string {
  const [run = ""] = order.runs;
  const last = run.replace(/\/+$/, "").split("/").at(-1) ?? "";
  return order.runs.length === 1 && LABEL.test(last) ? last : name;
}
