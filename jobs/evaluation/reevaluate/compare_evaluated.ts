/**
 * Compares two evaluated checkpoints case by case, once for the results they have.
 * @module
 */
import {
  compareCases,
  type ComparedCase,
  type Comparison,
  type Verdict,
} from "../../../shared/metrics/compare.ts";
import { comparisonHash } from "../../../shared/runs/home/hashes.ts";
import { comparisonKey } from "../../../shared/runs/home/keys.ts";
import {
  type ComparedCheckpoint,
  type ComparisonReason,
  type ComparisonRecord,
  comparisonRecordSchema,
} from "../../../shared/runs/home/records.ts";
import { resultKey } from "../../../shared/runs/keys.ts";
import {
  createRecord,
  readRecords,
  writeRecord,
} from "../../../shared/runs/record_io.ts";
import { resultSchema } from "../../../shared/runs/records.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { readDerived } from "./derived.ts";
import type { Evaluated } from "./rivals.ts";

export interface MadeComparison {
  readonly record: ComparisonRecord;
  /** Whether this call made the record. */
  readonly isNew: boolean;
}

/**
 * The comparison of `after` with `before`. Where it is recorded already, no result is read; a damaged record is
 * written anew.
 *
 * @throws {RangeError} when the results do not belong together: a label has changed between the two.
 */
export async function compareEvaluated(
  home: ObjectStore,
  before: Evaluated,
  after: Evaluated,
  why: ComparisonReason,
  say: (line: string) => void,
): Promise<MadeComparison> {
  const side = ({ hash, summary }: Evaluated) => ({
    evaluationHash: hash,
    nDone: summary.coverage.done,
  });
  const key = comparisonKey(comparisonHash(side(before), side(after), why));
  const found = await readDerived(home, key, comparisonRecordSchema, say);
  const isDamaged = found === "damaged";
  if (!isDamaged && found !== null) return { record: found, isNew: false };
  const comparison = compareCases(
    await readCases(before),
    await readCases(after),
  );
  const { dataset: { name, digest }, which } = after;
  const record: ComparisonRecord = {
    format: 1,
    createdAt: new Date().toISOString(),
    why,
    dataset: { name, digest },
    cases: which,
    before: sideOf(before),
    after: sideOf(after),
    verdict: overall(comparison),
    comparison,
  };
  if (isDamaged) await writeRecord(home, key, record);
  return { record, isNew: isDamaged || await createRecord(home, key, record) };
}

async function readCases({ cases, store }: Evaluated): Promise<ComparedCase[]> {
  const keys = cases.map(({ caseId }) => resultKey(caseId));
  const results = await readRecords(store, keys, resultSchema);
  return results.flatMap(({ caseId, metrics }) =>
    metrics.labelled ? [{ caseId, metrics }] : []
  );
}

function sideOf({ checkpoint, runId, summary }: Evaluated): ComparedCheckpoint {
  const { name, sha256, family, fold } = checkpoint;
  return { name, sha256, family, fold, runId, coverage: summary.coverage };
}

/** Worse in any class is worse. */
function overall({ classes }: Comparison): Verdict {
  const has = (verdict: Verdict) =>
    classes.some((own) => own.verdict === verdict);
  return has("worse") ? "worse" : has("better") ? "better" : "same";
}
