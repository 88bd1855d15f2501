import { expect } from "@std/expect";
import { selectCases } from "../../../../jobs/evaluation/reevaluate/select_cases.ts";
import { checkpointOf, datasetOf } from "./evaluations.ts";

const folds = datasetOf({
  a: { fold: 0 },
  b: { fold: 1 },
  c: { fold: 1 },
  d: { fold: 1, label: false },
});

function select(
  training: Record<string, string | number> | undefined,
  fold: number | null,
  dataset = folds,
) {
  const change = training === undefined ? { fold } : { fold, training };
  const selection = selectCases(checkpointOf("x", 1, change), dataset);
  if (selection.type === "skip") return selection.reason;
  const { cases, which, seen } = selection;
  return { ids: cases.map(({ caseId }) => caseId).join(""), which, seen };
}

const all = { ids: "abc", which: "all" } as const;
const own = { ids: "bc", which: { fold: 1 }, seen: "validation fold" };

Deno.test("selectCases() takes the own fold's labelled cases of the training dataset", () => {
  expect(select({ dataset: "data" }, 1)).toEqual(own);
  expect(select({ datasetDigest: folds.digest }, 1)).toEqual(own);
  // Renamed since: the digest tells.
  expect(select({ dataset: "old", datasetDigest: folds.digest }, 1))
    .toEqual(own);
});

Deno.test("selectCases() takes all labelled cases of other datasets, and tells whether it knows that", () => {
  expect(select({ dataset: "other" }, 1)).toEqual({ ...all, seen: "no" });
  for (
    const training of [
      undefined,
      { epochs: 3 },
      // This dataset may have had that digest before it was extended.
      { datasetDigest: "e".repeat(64) },
      { dataset: 7 },
    ]
  ) expect(select(training, 1)).toEqual({ ...all, seen: "unknown" });
});

Deno.test("selectCases() skips the training dataset where no case is known to be unseen", () => {
  const its = "it was trained on this dataset, and of no fold";
  expect(select({ dataset: "data" }, null)).toBe(its);
  expect(select({ dataset: "data" }, 2)).toBe(
    "it was trained on this dataset, of fold 2, and the labelled cases have the folds 0, 1",
  );
  expect(select({ dataset: "data" }, 0, datasetOf({ a: {} }))).toBe(
    "it was trained on this dataset, of fold 0, and the labelled cases have no folds",
  );
});

Deno.test("selectCases() skips what has no label or other channels", () => {
  expect(select(undefined, 0, datasetOf({ a: { label: false } })))
    .toBe("the dataset has no labelled case");
  const both = checkpointOf("x", 1, { channels: ["PET", "CT"] });
  expect(selectCases(both, folds)).toEqual({
    type: "skip",
    reason:
      "Cannot tell which channels of s3://bucket/data to take: 2 are needed (PET, CT), it has 1 (PET)",
  });
});

Deno.test("selectCases() hands out the network's channels in its order", () => {
  const dataset = datasetOf({ a: {} }, { channels: ["CT", "PET"] });
  const selected = selectCases(checkpointOf("x", 1), dataset);
  expect(selected).toMatchObject({
    cases: [{
      caseId: "a",
      images: [{ store: "s3://bucket/data", key: "a/PET" }],
      label: { key: "a/label" },
      unit: "unknown",
    }],
  });
  expect(selected).toMatchObject({
    cases: [{ etags: ["a/PET, first"], labelEtag: "a/label, first" }],
  });
  const turned = checkpointOf("x", 1, { channels: ["CT", "PET"] });
  expect(selectCases(turned, dataset)).toMatchObject({
    cases: [{ images: [{ key: "a/CT" }, { key: "a/PET" }], unit: "SUV" }],
  });
});
