/** @module A home in memory with runs whose figures can be checked by hand. */
import type {
  CaseMetrics,
  ComparedClassMetrics,
  ComparedMetrics,
  Outcome,
} from "../../../shared/metrics/case_metrics.ts";
import type { Tally } from "../../../shared/catalog/indexing/context.ts";
import { createIndexer } from "../../../shared/catalog/indexer.ts";
import {
  type Catalog,
  openCatalog,
} from "../../../shared/catalog/open_catalog.ts";
import { failureKey, resultKey } from "../../../shared/runs/keys.ts";
import { encodeRecord } from "../../../shared/runs/record_io.ts";
import type {
  Failure,
  RunSummary,
  SegmentRun,
} from "../../../shared/runs/records.ts";
import { type Review, reviewKey } from "../../../shared/runs/reviews.ts";
import { summarise } from "../../../shared/metrics/summary.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import { checkpointOf } from "../../jobs/evaluation/reevaluate/evaluations.ts";
import { memoryStore, stepped } from "../../support/memory_store.ts";
import { resultOf, runOf } from "../../support/runs.ts";

export const NOW = new Date("2026-03-01T00:00:00.000Z");
export const signal = new AbortController().signal;

/** A labelled case of one class: the Dice as asked, everything else plain. */
export function compared(
  dice: number,
  change: Partial<ComparedClassMetrics> = {},
): ComparedMetrics {
  const outcome: Outcome = dice === 0 ? "missed" : "compared";
  const distance = outcome === "missed" ? null : 10 * (1 - dice);
  return {
    labelled: true,
    unit: "unknown",
    classes: [{
      name: "tumour",
      outcome,
      volumeMl: outcome === "missed" ? 0 : 8,
      referenceVolumeMl: 10,
      dice,
      iou: dice / (2 - dice),
      rvd: outcome === "missed" ? 1 : 0.2,
      sensitivity: dice,
      precision: outcome === "missed" ? null : dice,
      hd95Mm: distance,
      hdMm: distance,
      assdMm: distance,
      nsd2mm: dice,
      lesions: {
        referenceCount: 1,
        predictedCount: outcome === "missed" ? 0 : 1,
        recall: outcome === "missed" ? 0 : 1,
        precision: outcome === "missed" ? null : 1,
        falsePositiveMl: 0,
        falseNegativeMl: outcome === "missed" ? 10 : 0,
        reference: [],
        predicted: [],
      },
      pet: {
        mtvMl: outcome === "missed" ? 0 : 8,
        suvMax: null,
        suvMean: null,
        suvPeak: null,
        tlgSuvMl: null,
      },
      ...change,
    }],
  };
}

/** A labelled case of several classes, of these Dice values by their names. */
export function comparedClasses(
  dice: Readonly<Record<string, number>>,
): ComparedMetrics {
  return {
    ...compared(1),
    classes: Object.entries(dice).flatMap(([name, value]) =>
      compared(value, { name }).classes
    ),
  };
}

/** A case without label. */
export function measured(volumeMl: number, lesions = 1): CaseMetrics {
  return {
    labelled: false,
    unit: "unknown",
    classes: [{
      name: "tumour",
      volumeMl,
      lesions: { predictedCount: lesions, predicted: [] },
      pet: {
        mtvMl: volumeMl,
        suvMax: null,
        suvMean: null,
        suvPeak: null,
        tlgSuvMl: null,
      },
    }],
  };
}

export interface Home {
  readonly store: ObjectStore;
  readonly catalog: Catalog;
  /** What was asked of the store since the last call. */
  calls(): string[];
  /** Brings the index up to date. */
  refresh(): Promise<Tally>;
  refreshRun(runId: string): Promise<Tally>;
  /** Moves the time of day on. */
  pass(ms: number): void;
}

export function emptyHome(
  catalog = openCatalog(":memory:"),
  plain = memoryStore(() => NOW.getTime()),
): Home {
  let asked: string[] = [];
  let nowMs = NOW.getTime();
  const store = stepped(plain, (what, key, when) => {
    if (when === "before") asked.push(`${what} ${key}`);
    return Promise.resolve();
  });
  const now = () => new Date(nowMs);
  const indexer = createIndexer({ catalog, home: store, now });
  return {
    store: plain,
    catalog,
    calls() {
      const before = asked;
      asked = [];
      return before;
    },
    refresh: () => indexer.refresh(signal),
    refreshRun: (runId) => indexer.refreshRun(runId, signal),
    pass: (ms) => nowMs += ms,
  };
}

export async function put(
  store: ObjectStore,
  key: string,
  record: unknown,
): Promise<void> {
  await store.put(key, encodeRecord(record));
}

export async function putRun(
  store: ObjectStore,
  runId: string,
  change: Partial<SegmentRun> = {},
): Promise<SegmentRun> {
  const run = runOf({ runId, ...change });
  await put(store, `runs/${runId}/run.json`, run);
  return run;
}

export async function putResult(
  store: ObjectStore,
  runId: string,
  caseId: string,
  metrics: CaseMetrics,
  attempt = "attempt",
): Promise<void> {
  const result = resultOf(caseId, attempt, { runId, metrics });
  await put(store, `runs/${runId}/${resultKey(caseId)}`, result);
}

export async function putFailure(
  store: ObjectStore,
  runId: string,
  caseId: string,
  change: Partial<Failure> = {},
): Promise<void> {
  const failure: Failure = {
    format: 1,
    runId,
    caseId,
    round: 0,
    attempt: "attempt",
    codeVersion: "0.0.0",
    failedAt: "2026-01-02T03:04:06.000Z",
    kind: "unreadable",
    stage: "read",
    message: `Cannot read case "${caseId}": it is cut off`,
    ...change,
  };
  await put(
    store,
    `runs/${runId}/${failureKey(caseId, failure.round)}`,
    failure,
  );
}

export async function putSummary(
  store: ObjectStore,
  runId: string,
  metrics: readonly CaseMetrics[],
  nFailed = 0,
): Promise<void> {
  const done = metrics.length;
  const summary: RunSummary = {
    format: 1,
    runId,
    writtenAt: "2026-01-02T03:04:07.000Z",
    coverage: { expected: done + nFailed, done, failed: nFailed, missing: 0 },
    failures: [],
    metrics: summarise(metrics, { nFailed, nMissing: 0 }),
  };
  await put(store, `runs/${runId}/summary.json`, summary);
}

export async function putReview(
  store: ObjectStore,
  change: Pick<Review, "runId" | "caseId"> & Partial<Review>,
): Promise<void> {
  const review: Review = {
    format: 1,
    reviewer: "ada",
    reviewedAt: "2026-02-01T00:00:00.000Z",
    verdict: "accept",
    reason: null,
    comment: "",
    ...change,
  };
  await put(store, `runs/${review.runId}/${reviewKey(review)}`, review);
}

/** Registers a checkpoint of this digest, which was trained as told. */
export async function putCheckpoint(
  store: ObjectStore,
  name: string,
  sha256: string,
  training: Readonly<Record<string, string | number>>,
): Promise<void> {
  const fold = typeof training.fold === "number" ? training.fold : null;
  await put(
    store,
    `checkpoints/${name}.json`,
    checkpointOf(name, 1, { sha256, training, fold }),
  );
}

/** A finished run over labelled cases of these Dice values, named `c1`, `c2`, ... */
export async function putFinishedRun(
  store: ObjectStore,
  runId: string,
  diceByCase: readonly number[],
  { fold, ...change }: Partial<SegmentRun> & {
    /** Of each case, from 0. */
    readonly fold?: (n: number) => number;
  } = {},
): Promise<void> {
  const ids = diceByCase.map((_, n) => `c${n + 1}`);
  const cases = ids.map((caseId, n) => ({
    caseId,
    ...(fold === undefined ? {} : { fold: fold(n) }),
    images: [{ store: "file:///scans", key: `${caseId}.nii.gz` }],
    unit: "unknown" as const,
  }));
  await putRun(store, runId, { cases, ...change });
  const metrics = diceByCase.map((dice) => compared(dice));
  for (const [n, caseId] of ids.entries()) {
    await putResult(store, runId, caseId, metrics[n]!);
  }
  await putSummary(store, runId, metrics);
}
