/** @module Cases of a run or a selection, and one of them. */
import { expect } from "@std/expect";
import { caseDetail } from "../../../../shared/catalog/queries/case_detail.ts";
import { cases } from "../../../../shared/catalog/queries/cases.ts";
import { overview } from "../../../../shared/catalog/queries/overview.ts";
import { caseOf, resultOf } from "../../../support/runs.ts";
import {
  compared,
  emptyHome,
  put,
  putFailure,
  putFinishedRun,
  putResult,
  putReview,
  putRun,
} from "../homes.ts";
import { A, B, C, dataset, ids } from "./examples.ts";

Deno.test("cases() shows the worst first, and filters, sorts, searches and pages", async () => {
  const { store, catalog, refresh } = emptyHome();
  const all = ["a1", "b2", "c_3", "d4", "e5"];
  await putRun(store, A, {
    cases: all.map((id) => ({ ...caseOf(id), patientId: `patient-${id}` })),
  });
  await putResult(store, A, "a1", compared(0.9));
  await putResult(store, A, "b2", compared(0));
  await putResult(store, A, "c_3", compared(0.5));
  await putFailure(store, A, "d4");
  await refresh();
  const found = (options: Parameters<typeof cases>[2]) =>
    ids(cases(catalog, { runId: A }, options).items);
  expect(found({})).toEqual(["b2", "c_3", "a1", "d4", "e5"]);
  expect(found({ sort: { by: "dice", direction: "descending" } }).slice(0, 3))
    .toEqual(["a1", "c_3", "b2"]);
  // No distance of a missed tumour: it stands last, whichever way.
  expect(found({ sort: { by: "hd95Mm", direction: "descending" } }).slice(0, 3))
    .toEqual(["c_3", "a1", "b2"]);
  expect(found({ sort: { by: "caseId" } })).toEqual(all);
  expect(found({ filter: { state: "open" } })).toEqual(["e5"]);
  expect(found({ filter: { outcome: "missed" } })).toEqual(["b2"]);
  expect(found({ filter: { search: "PATIENT-c" } })).toEqual(["c_3"]);
  expect(found({ filter: { search: "_" } })).toEqual(["c_3"]);
  expect(cases(catalog, { runId: A }, { page: { offset: 1, limit: 2 } }))
    .toMatchObject({ total: 5, items: [{ caseId: "c_3" }, { caseId: "a1" }] });
  expect(cases(catalog, { runId: A }).items[0]).toMatchObject({
    className: "tumour",
    outcome: "missed",
    state: "done",
    failure: null,
    isLabelled: true,
    figures: { dice: 0, hd95Mm: null, volumeErrorMl: 10, referenceLesions: 1 },
    seconds: 1,
  });
  expect(cases(catalog, { runId: A }).items[4]?.figures).toBe(null);
  expect(cases(catalog, { runId: "unknown" }).total).toBe(0);
  expect(cases(catalog, { runId: A, className: "node" }).items[0]?.figures)
    .toBe(null);
});

Deno.test("cases() of a selection are those of the runs that stand for it", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, A, [0.1], {
    dataset: dataset("ecpc", 0),
    createdAt: "2026-01-01T00:00:00.000Z",
  });
  await putFinishedRun(store, B, [0.2, 0.3], { dataset: dataset("ecpc", 0) });
  await putFinishedRun(store, C, [0.25], { dataset: dataset("ecpc", 1) });
  await refresh();
  const key = overview(catalog).items[0]!.dataset.key;
  const values = (more: object) =>
    cases(catalog, { dataset: key, ...more }).items.map(({ figures }) =>
      figures?.dice
    );
  expect(values({})).toEqual([0.2, 0.25, 0.3]);
  expect(values({ fold: 1 })).toEqual([0.25]);
  expect(values({ fold: null })).toEqual([]);
  expect(values({ checkpoint: "a".repeat(64), fold: 0 })).toEqual([0.2, 0.3]);
  expect(values({ checkpoint: "b".repeat(64) })).toEqual([]);
});

Deno.test("cases() of a selection count as they are filtered", async () => {
  const { store, catalog, refresh } = emptyHome();
  await putFinishedRun(store, A, [0.5, 0, 0.7], { dataset: dataset("ecpc") });
  await refresh();
  const scope = { dataset: overview(catalog).items[0]!.dataset.key };
  expect(cases(catalog, scope, { page: { limit: 1 } }).total).toBe(3);
  expect(cases(catalog, scope, { filter: { outcome: "missed" } }).total).toBe(
    1,
  );
  expect(cases(catalog, { dataset: "unknown" }).total).toBe(0);
});

Deno.test("caseDetail() knows the files, the reviews and the neighbours in the list", async () => {
  const { store, catalog, refresh } = emptyHome();
  const outputs = [{
    name: "mask.nii.gz",
    key: "attempts/c2/attempt/mask.nii.gz",
    bytes: 3,
    sha256: "e".repeat(64),
  }];
  await putFinishedRun(store, A, [0.9, 0.1, 0.5]);
  await put(
    store,
    `runs/${A}/results/c2.json`,
    resultOf("c2", "attempt", { runId: A, metrics: compared(0.1), outputs }),
  );
  await putReview(store, { runId: A, caseId: "c2", verdict: "reject" });
  await refresh();
  expect(caseDetail(catalog, A, "c2")).toMatchObject({
    runId: A,
    caseId: "c2",
    unit: "unknown",
    images: [{ store: "file:///scans", key: "c2.nii.gz" }],
    label: null,
    outputs,
    resultKey: `runs/${A}/results/c2.json`,
    classes: [{ name: "tumour", outcome: "compared", figures: { dice: 0.1 } }],
    reviews: [{ reviewer: "ada", verdict: "reject" }],
    position: 1,
    total: 3,
    previous: null,
    next: { runId: A, caseId: "c3" },
  });
  expect(caseDetail(catalog, A, "c2", { sort: { by: "caseId" } }))
    .toMatchObject({
      position: 2,
      previous: { caseId: "c1" },
      next: { caseId: "c3" },
    });
  expect(caseDetail(catalog, A, "c2", { filter: { search: "c1" } }))
    .toMatchObject({ position: null, previous: null, next: null });
  expect(caseDetail(catalog, A, "c9")).toBe(null);
  expect(caseDetail(catalog, B, "c2")).toBe(null);
});
