/**
 * Compares runs when somebody asks, one pair at a time, and keeps what came of it until one of the runs changes:
 * whoever turns the pages of a comparison has it made once.
 * @module
 */
import { abortable } from "../../shared/abortable.ts";
import {
  comparedVersion,
  type CompareOptions,
  compareRuns,
} from "../../shared/catalog/queries/compare_runs.ts";
import type { Comparison } from "../../shared/metrics/compare.ts";
import { openThread } from "../../shared/thread.ts";
import { createTurns } from "../cases/turns.ts";
import type { DashboardDeps } from "../deps.ts";
import type { CompareThread } from "./compare_thread.ts";

/**
 * Null where one of the runs is not known.
 *
 * @throws {RangeError} when they measured other classes, or a case's label is empty in one of them only.
 */
export type CompareRuns = (
  before: string,
  after: string,
  options?: CompareOptions,
) => Promise<Comparison | null>;

/** Comparisons kept; the one that was not asked for the longest is forgotten first. */
const MOST_KEPT = 8;

/** Up to so many cases of both runs it takes less time than to start a thread. */
const FEW_CASES = 200;

export function createRunComparer(
  { catalog, signal }: Pick<DashboardDeps, "catalog" | "signal">,
): CompareRuns {
  const turns = createTurns(1);
  const kept = new Map<string, Promise<Comparison | null>>();

  async function compare(
    before: string,
    after: string,
    options: CompareOptions,
    nCases: number,
  ): Promise<Comparison | null> {
    const end = await turns.take(signal);
    try {
      return catalog.path === ":memory:" || nCases <= FEW_CASES
        ? compareRuns(catalog, before, after, options)
        : await inThread(catalog.path, [before, after, options], signal);
    } finally {
      end();
    }
  }

  return async (before, after, options = {}) => {
    const first = comparedVersion(catalog, before);
    const second = comparedVersion(catalog, after);
    if (first === null || second === null) return null;
    const name = JSON.stringify([
      [before, first.version],
      [after, second.version],
      options,
    ]);
    const made = kept.get(name) ??
      compare(before, after, options, first.nLabelled + second.nLabelled);
    kept.delete(name);
    kept.set(name, made);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    try {
      return await made;
    } catch (error) {
      kept.delete(name);
      throw error;
    }
  };
}

async function inThread(
  path: string,
  asked: Required<Parameters<CompareRuns>>,
  signal: AbortSignal,
): Promise<Comparison | null> {
  const module = new URL("compare_thread.ts", import.meta.url);
  const thread = openThread<CompareThread>(module, "comparison");
  try {
    const { comparison } = await abortable(
      thread.call(thread.remote.compare(path, ...asked)),
      signal,
    );
    return comparison;
  } finally {
    thread.close();
  }
}
