/**
 * Reads what a run has recorded into its summary.
 * @module
 */
import { summarise } from "../metrics/summary.ts";
import type { ObjectStore } from "../storage/object_store.ts";
import { failureKey, resultKey, SUMMARY_KEY } from "./keys.ts";
import { damageOf, findDamage, MOVE_AWAY, TRY_AGAIN } from "./damage.ts";
import { readOwnRecords } from "./own_records.ts";
import { readReadable, writeRecord } from "./record_io.ts";
import {
  type Coverage,
  type Damage,
  failureSchema,
  type Result,
  resultSchema,
  type RunSummary,
  runSummarySchema,
} from "./records.ts";
import { readRunState, type RunState } from "./run_state.ts";

export interface Summarised {
  readonly summary: RunSummary;
  /** Committed results, in the order of the cases. */
  readonly results: readonly Result[];
}

/**
 * Summarises the cases of a run and writes `summary.json`. The records are the truth: whoever
 * summarises, and whenever, gets the same figures from the same records. A case whose record cannot be
 * understood counts as damaged, and is named.
 *
 * @param known damage that the caller has found already
 */
export async function writeRunSummary(
  store: ObjectStore,
  runId: string,
  caseIds: readonly string[],
  known: readonly Damage[] = [],
): Promise<Summarised> {
  const { done, failed, rounds } = await readRunState(store);
  const recorded = (among: { has(caseId: string): boolean }) =>
    caseIds.filter((caseId) => among.has(caseId));
  const { records: results, damaged: badResults } = await readOwnRecords(
    store,
    { runId, caseIds: recorded(done), keyOf: resultKey, schema: resultSchema },
  );
  const { records: failures, damaged: badFailures } = await readOwnRecords(
    store,
    {
      runId,
      caseIds: recorded(failed),
      keyOf: (caseId) => failureKey(caseId, rounds.get(caseId) ?? 0),
      schema: failureSchema,
    },
  );
  const damaged = oncePerCase([
    ...known,
    ...damageOf(badResults, MOVE_AWAY),
    ...damageOf(badFailures, TRY_AGAIN),
    ...await findDamage(store, results),
  ]);
  const nDamaged = badResults.size + badFailures.size;
  const nUnmeasured = caseIds.length - results.length - failures.length;
  const coverage: Coverage = {
    expected: caseIds.length,
    done: results.length,
    failed: failures.length,
    ...(nDamaged > 0 && { damaged: nDamaged }),
    missing: nUnmeasured - nDamaged,
  };
  const summary: RunSummary = {
    format: 1,
    runId,
    writtenAt: new Date().toISOString(),
    coverage,
    failures: [...failures],
    ...(damaged.length > 0 && { damaged }),
    metrics: summarise(results.map(({ metrics }) => metrics), {
      nFailed: coverage.failed,
      nMissing: nUnmeasured,
    }),
  };
  await writeRecord(store, SUMMARY_KEY, summary);
  return { summary, results };
}

/** The summary that was written last; null also where it cannot be understood: it tells what the records do. */
export async function readRunSummary(
  store: ObjectStore,
): Promise<RunSummary | null> {
  const { records } = await readReadable(
    store,
    [SUMMARY_KEY],
    runSummarySchema,
  );
  return records[0] ?? null;
}

/**
 * Whether a summary tells of the records that stand now. Results never change, so counting them does; a
 * case that fails anew does so in another round.
 */
export function tells(
  { coverage, failures }: RunSummary,
  { done, failed, rounds }: RunState,
): boolean {
  return coverage.done === done.size && failures.length === failed.size &&
    failures.every(({ caseId, round }) =>
      failed.has(caseId) && round === (rounds.get(caseId) ?? 0)
    );
}

function oncePerCase(damaged: readonly Damage[]): Damage[] {
  const byCase = new Map<string, Damage>();
  for (const damage of damaged) {
    if (!byCase.has(damage.caseId)) byCase.set(damage.caseId, damage);
  }
  return [...byCase.values()];
}
