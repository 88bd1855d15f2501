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

/** From fewer cases no verdict is made: they have no interval. */
const FEWEST_CASES = 2;

export interface MadeComparison {
  readonly type: "compared";
  readonly record: ComparisonRecord;
  /** Whether this call made the record. */
  readonly isNew: boolean;
}

/** What two evaluations have in common is too little to compare: nothing is recorded of it. */
export interface TooFew {
  readonly type: "tooFew";
  /** Cases of both. */
  readonly n: number;
}

/**
 * The comparison of `after` with `before`, where they have enough cases in common. Where it is recorded already, no
 * result is read; a damaged record is written anew.
 *
 * @throws {RangeError} when the results do not belong together: a label has changed between the two.
 */
export async function compareEvaluated(
  home: ObjectStore,
  before: Evaluated,
  after: Evaluated,
  why: ComparisonReason,
  say: (line: string) => void,
): Promise<MadeComparison | TooFew> {
  if (before.figures.n === 0 || after.figures.n === 0) {
    return { type: "tooFew", n: 0 };
  }
  const side = ({ hash, summary }: Evaluated) => ({
    evaluationHash: hash,
    nDone: summary.coverage.done,
  });
  const key = comparisonKey(comparisonHash(side(before), side(after), why));
  const found = await readDerived(home, key, comparisonRecordSchema, say);
  const isDamaged = found === "damaged";
  const standing = isDamaged ? null : found;
  const comparison = standing?.comparison ?? compareCases(
    await readCases(before),
    await readCases(after),
  );
  const n = comparison.classes[0]?.n ?? 0;
  if (n < FEWEST_CASES) return { type: "tooFew", n };
  if (standing !== null) {
    return { type: "compared", record: standing, isNew: false };
  }
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
  const isNew = isDamaged || await createRecord(home, key, record);
  return { type: "compared", record, isNew };
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
