import { expect } from "@std/expect";
import type { DatasetPlan } from "../../../jobs/batch/plan_dataset.ts";
import { planText } from "../../../jobs/batch/plan_text.ts";
import { caseOf } from "../../support/runs.ts";

const plan: DatasetPlan = {
  dataset: {
    name: "fdg",
    location: "s3://b/fdg",
    layout: "autopet",
    classes: null,
    channels: ["SUV", "CTres"],
  },
  channels: [{ checkpoint: "PET", dataset: "SUV" }],
  digest: null,
  matched: [10, 30, 20].map((windows) => ({
    item: { ...caseOf(`w${windows}`), bytes: 2_500_000, windows },
    shape: [200, 200, 300],
    spacingMm: [4.07, 4.07, 3],
    preparedShape: [204, 204, 225],
  })),
  ambiguous: [
    { caseId: "twice", keys: ["a.nii", "b.nii"], reason: "2 could be it" },
  ],
  unmatched: Array.from({ length: 7 }, (_, n) => ({
    key: `stray${n}.nii`,
    reason: "it is alone",
  })),
  unreadable: [{
    caseId: "bad",
    key: "bad/SUV.nii.gz",
    kind: "geometry",
    problem: "its affine is singular",
    item: {
      caseId: "bad",
      images: [{ store: "s3://bucket/scans", key: "bad/SUV.nii.gz" }],
      unit: "SUV",
    },
  }],
  withLabel: 1,
  bytes: 7_500_000,
  windows: 60,
  memoryBytes: 2.35e9,
};

/** Cells of the row that starts with a name. */
function row(text: string, name: string): string[] {
  const line = text.split("\n").find((line) => line.includes(`│ ${name} `));
  return (line ?? "").split("│").map((cell) => cell.trim()).slice(2, -1);
}

Deno.test("planText() tells counts, totals and what they will take", () => {
  const text = planText(plan, { secondsPerWindow: 240, workers: 2 });
  expect(text).toContain("fdg: s3://b/fdg, layout autopet");
  expect(text).toContain("Channels: PET (here SUV)");
  expect(row(text, "Cases to segment")).toEqual(["3"]);
  expect(row(text, "of them with a label")).toEqual(["1"]);
  expect(row(text, "Unmatched files")).toEqual(["7"]);
  expect(row(text, "Images")).toEqual(["7.5 MB"]);
  expect(row(text, "Windows, at most")).toEqual(["60"]);
  expect(row(text, "Time, 2 workers")).toEqual(["about 2 h"]);
  expect(row(text, "Memory per worker")).toEqual(["about 2.35 GB"]);
  const unknown = planText(plan, { secondsPerWindow: null, workers: 2 });
  expect(unknown).not.toContain("Time");
});

Deno.test("planText() tells why files are in the way, the first of each kind", () => {
  const lines = planText(plan, { secondsPerWindow: null, workers: 1 })
    .split("\n");
  expect(lines).toContain("  twice: 2 could be it: a.nii, b.nii");
  expect(lines).toContain("  stray4.nii: it is alone");
  expect(lines).not.toContain("  stray5.nii: it is alone");
  expect(lines).toContain("  ... and 2 more");
  expect(lines).toContain(
    "  bad: bad/SUV.nii.gz: its affine is singular (geometry)",
  );
});

Deno.test("planText() shows the largest cases first", () => {
  const text = planText(plan, { secondsPerWindow: null, workers: 1 });
  expect(row(text, "w30")).toEqual([
    "200 x 200 x 300",
    "4.07 x 4.07 x 3.00",
    "204 x 204 x 225",
    "30",
    "2.5 MB",
  ]);
  const at = ["w30", "w20", "w10"].map((id) => text.indexOf(id));
  expect(at).toEqual(at.toSorted((a, b) => a - b));
  expect(at).not.toContain(-1);
});

Deno.test("planText() of a dataset without a usable case has no empty tables", () => {
  const empty: DatasetPlan = {
    ...plan,
    matched: [],
    ambiguous: [],
    unmatched: [],
  };
  const text = planText(empty, { secondsPerWindow: 1, workers: 1 });
  expect(text).not.toContain("Largest");
  expect(text).not.toContain("Ambiguous, left out");
  expect(text).toContain("Unreadable, a run records them as failed:");
});
