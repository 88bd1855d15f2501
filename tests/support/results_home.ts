/** @module A home with results as a team would have them: several datasets, checkpoints, folds, nights. */
import { encodeRecord } from "../../shared/runs/record_io.ts";
import type { ComparisonRecord } from "../../shared/runs/home/records.ts";
import { compareCases } from "../../shared/metrics/compare.ts";
import type { CaseMetrics } from "../../shared/metrics/case_metrics.ts";
import type { ObjectStore } from "../../shared/storage/object_store.ts";
import {
  compared,
  measured,
  put,
  putCheckpoint,
  putFailure,
  putResult,
  putReview,
  putRun,
  putSummary,
} from "../shared/catalog/homes.ts";
import { caseOf, workerRecordOf } from "./runs.ts";

const HECKTOR = {
  name: "HECKTOR 2022",
  location: "s3://scans/hecktor2022",
  digest: "d".repeat(64),
};
const WARD = { name: "ward-2026", location: "s3://scans/ward" };

export const GOOD_RUN = "20260110T030405Z-000001";
export const BAD_RUN = "20260111T030405Z-000002";
export const UNLABELLED_RUN = "20260112T030405Z-000003";
export const OPEN_RUN = "20260113T030405Z-000004";

/** Cases in each labelled run, in two folds. */
export const LABELLED_CASES = 24;

function checkpointOf(name: string) {
  const digit = name.length.toString(16).at(-1)!;
  return {
    name,
    location: `s3://home/checkpoints/${name}.safetensors`,
    sha256: digit.repeat(64),
  };
}

/** Fills a home; the same each time. */
export async function fillResultsHome(store: ObjectStore): Promise<void> {
  for (const name of ["ma3dseg-a", "ma3dseg-bb"]) {
    const { sha256 } = checkpointOf(name);
    await putCheckpoint(store, name, sha256, { dataset: "other scans" });
  }
  const better = await labelledRun(store, GOOD_RUN, "ma3dseg-a", 0.06);
  const worse = await labelledRun(store, BAD_RUN, "ma3dseg-bb", 0.16);
  await putComparison(store, better, worse);
  await unlabelledRun(store);
  await openRun(store);
  await store.put(
    `runs/${GOOD_RUN}/results/c99.json`,
    new TextEncoder().encode("{ cut off"),
  );
}

async function labelledRun(
  store: ObjectStore,
  runId: string,
  checkpoint: string,
  loss: number,
): Promise<{ caseId: string; metrics: CaseMetrics }[]> {
  const cases = Array.from({ length: LABELLED_CASES }, (_, n) => ({
    ...caseOf(`CHUM-${String(n + 1).padStart(3, "0")}`),
    fold: n % 2,
  }));
  const createdAt = `${runId.slice(0, 4)}-${runId.slice(4, 6)}-${
    runId.slice(6, 8)
  }T03:04:05.000Z`;
  await putRun(store, runId, {
    createdAt,
    dataset: HECKTOR,
    checkpoints: [checkpointOf(checkpoint)],
    cases,
  });
  const results = cases.map(({ caseId }, n) => ({
    caseId,
    metrics: compared(diceOf(n, loss), lesionsOf(n)),
  }));
  for (const { caseId, metrics } of results) {
    await putResult(store, runId, caseId, metrics);
  }
  await putSummary(store, runId, results.map(({ metrics }) => metrics));
  return results;
}

/** From 0.95 down, the worse the lossier; one case is missed by a lossy checkpoint. */
function diceOf(n: number, loss: number): number {
  if (n === 5 && loss > 0.1) return 0;
  const wave = (Math.sin(n * 2.4) + 1) / 2;
  return Math.round(1000 * (0.95 - loss - 0.35 * wave ** 2)) / 1000;
}

function lesionsOf(n: number) {
  return n === 5 ? {} : { volumeMl: 8 + n, referenceVolumeMl: 10 + n };
}

async function putComparison(
  store: ObjectStore,
  before: { caseId: string; metrics: CaseMetrics }[],
  after: { caseId: string; metrics: CaseMetrics }[],
): Promise<void> {
  const labelled = (cases: typeof before) =>
    cases.flatMap(({ caseId, metrics }) =>
      metrics.labelled ? [{ caseId, metrics }] : []
    );
  const side = (name: string, runId: string) => {
    const { sha256 } = checkpointOf(name);
    const coverage = {
      expected: LABELLED_CASES,
      done: LABELLED_CASES,
      failed: 0,
      missing: 0,
    };
    return { name, sha256, family: "ma3dseg", fold: null, runId, coverage };
  };
  const record: ComparisonRecord = {
    format: 1,
    createdAt: "2026-01-11T05:00:00.000Z",
    why: "predecessor",
    dataset: { name: HECKTOR.name, digest: HECKTOR.digest },
    cases: "all",
    before: side("ma3dseg-a", GOOD_RUN),
    after: side("ma3dseg-bb", BAD_RUN),
    verdict: "worse",
    comparison: compareCases(labelled(before), labelled(after)),
  };
  await store.put(
    `comparisons/${"e".repeat(64)}.json`,
    encodeRecord(record),
  );
}

async function unlabelledRun(store: ObjectStore): Promise<void> {
  const cases = Array.from({ length: 40 }, (_, n) => caseOf(`ward ${n + 1}`));
  await putRun(store, UNLABELLED_RUN, {
    createdAt: "2026-01-12T03:04:05.000Z",
    dataset: WARD,
    checkpoints: [checkpointOf("ma3dseg-a")],
    cases,
  });
  const results = cases.map(({ caseId }, n) => ({
    caseId,
    metrics: n === 7
      ? measured(900, 40)
      : measured(20 + 15 * ((Math.sin(n * 1.7) + 1) / 2), 1 + n % 4),
  }));
  for (const { caseId, metrics } of results) {
    await putResult(store, UNLABELLED_RUN, caseId, metrics);
  }
  await putSummary(
    store,
    UNLABELLED_RUN,
    results.map(({ metrics }) => metrics),
  );
  await putReview(store, { runId: UNLABELLED_RUN, caseId: "ward 1" });
  await putReview(store, {
    runId: UNLABELLED_RUN,
    caseId: "ward 8",
    verdict: "reject",
    reason: "physiologicalUptake",
  });
}

/** Two of six cases done, one failed; a worker is in the fourth. */
async function openRun(store: ObjectStore): Promise<void> {
  const cases = Array.from({ length: 6 }, (_, n) => caseOf(`open-${n + 1}`));
  await putRun(store, OPEN_RUN, {
    createdAt: "2026-01-13T03:04:05.000Z",
    dataset: {
      name: "AutoPET",
      location: "s3://scans/autopet",
      digest: "a".repeat(64),
    },
    checkpoints: [checkpointOf("ma3dseg-a")],
    price: { perHour: 1.2, currency: "EUR" },
    cases,
  });
  await putResult(store, OPEN_RUN, "open-1", compared(0.81));
  await putResult(store, OPEN_RUN, "open-2", compared(0.64));
  await putFailure(store, OPEN_RUN, "open-3");
  await put(
    store,
    `runs/${OPEN_RUN}/workers/host-1.json`,
    workerRecordOf("host-1", {
      runId: OPEN_RUN,
      current: { caseId: "open-4", windows: 3, totalWindows: 12 },
      cases: { done: 2, failed: 1, left: 0 },
      elapsedSeconds: 600,
      busySeconds: 540,
    }),
  );
}
