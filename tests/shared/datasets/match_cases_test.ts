import { expect } from "@std/expect";
import { matchCases } from "../../../shared/datasets/match_cases.ts";
import type { ScannedCase } from "../../../shared/datasets/gather_cases.ts";
import type { ScannedDataset } from "../../../shared/datasets/scan_dataset.ts";

const file = (key: string) => ({ key, bytes: 1 });

function scanOf(cases: readonly ScannedCase[]): ScannedDataset {
  return {
    name: "d",
    layout: "hecktor",
    location: "s3://b/d",
    channels: [{ name: "PT", unit: "SUV" }, { name: "CT", unit: "unknown" }],
    classes: null,
    cases,
    unmatched: [{ key: "stray", reason: "why" }],
  };
}

function item(
  caseId: string,
  pt: readonly string[],
  ct: readonly string[] = [],
  labels: readonly string[] = [],
): ScannedCase {
  return {
    caseId,
    images: [pt.map(file), ct.map(file)],
    labels: labels.map(file),
  };
}

Deno.test("matchCases() needs only the channels asked for, in their order", () => {
  const scan = scanOf([
    item("b", ["b.pt"]),
    item("a", ["a.pt"], ["a.ct"], ["a.l"]),
  ]);
  expect(matchCases(scan, [0]).matched).toEqual([
    { caseId: "a", images: [file("a.pt")], label: file("a.l") },
    { caseId: "b", images: [file("b.pt")] },
  ]);
  const both = matchCases(scan, [1, 0]);
  expect(both.matched.map(({ images }) => images)).toEqual([
    [file("a.ct"), file("a.pt")],
  ]);
  expect(both.unmatched).toEqual([
    { key: "stray", reason: "why" },
    { key: "b.pt", reason: 'its case "b" has no CT image' },
  ]);
});

Deno.test("matchCases() guesses neither image nor label nor case", () => {
  const { matched, ambiguous, unmatched } = matchCases(
    scanOf([
      item("images", ["1.pt", "2.pt"]),
      item("labels", ["3.pt"], [], ["1.l", "2.l"]),
      item("twice", ["Tr/4.pt"]),
      item("twice", ["Ts/4.pt"]),
      item("lonely", [], [], ["5.l"]),
      item("..", ["6.pt"]),
      item("ignored CTs", ["7.pt"], ["1.ct", "2.ct"]),
    ]),
    [0],
  );
  expect(matched.map(({ caseId }) => caseId)).toEqual(["ignored CTs"]);
  expect(ambiguous).toEqual([
    {
      caseId: "images",
      keys: ["1.pt", "2.pt"],
      reason: "2 files could be its PT image",
    },
    {
      caseId: "labels",
      keys: ["1.l", "2.l"],
      reason: "2 files could be its label",
    },
    {
      caseId: "twice",
      keys: ["Tr/4.pt", "Ts/4.pt"],
      reason: '2 cases have the id "twice"',
    },
  ]);
  expect(unmatched.slice(1)).toEqual([
    { key: "5.l", reason: "it is a label without an image" },
    {
      key: "6.pt",
      reason: 'Cannot use ".." as a case id: it must name a file',
    },
  ]);
});
