/**
 * Reads what a run has recorded into its summary.
 * @module
 */
import { summarise } from "../metrics/summary.ts";
import type { ObjectStore } from "../storage/object_store.ts";
import { failureKey, resultKey, SUMMARY_KEY } from "./keys.ts";
import { readRecords, writeRecord } from "./record_io.ts";
import {
  type Failure,
  failureSchema,
  type Result,
  resultSchema,
  type RunSummary,
} from "./records.ts";
import { readRunState } from "./run_state.ts";

export interface Summarised {
  readonly summary: RunSummary;
  /** Committed results, in the order of the cases. */
  readonly results: readonly Result[];
}

/**
 * Summarises the cases of a run and writes `summary.json`. The records are the truth: whoever
 * summarises, and whenever, gets the same figures from the same records.
 */
export async function writeRunSummary(
  store: ObjectStore,
  runId: string,
  caseIds: readonly string[],
): Promise<Summarised> {
  const { done, failed, rounds } = await readRunState(store);
  const results = await readRecords(
    store,
    caseIds.filter((caseId) => done.has(caseId)).map(resultKey),
    resultSchema,
  );
  const failures: Failure[] = await readRecords(
    store,
    caseIds.filter((caseId) => failed.has(caseId)).map((caseId) =>
      failureKey(caseId, rounds.get(caseId) ?? 0)
    ),
    failureSchema,
  );
  const coverage = {
    expected: caseIds.length,
    done: results.length,
    failed: failures.length,
    missing: caseIds.length - results.length - failures.length,
  };
  const summary: RunSummary = {
    format: 1,
    runId,
    writtenAt: new Date().toISOString(),
    coverage,
    failures,
    metrics: summarise(results.map(({ metrics }) => metrics), {
      nFailed: coverage.failed,
      nMissing: coverage.missing,
    }),
  };
  await writeRecord(store, SUMMARY_KEY, summary);
  return { summary, results };
}
