/** @module The cases of a comparison, searched and put in order. */
import { expect } from "@std/expect";
import {
  differenceListingSchema,
  listedDifferences,
} from "../../../dashboard/views/difference_table.tsx";

const CASES = [
  { caseId: "CHUM-2", diceBefore: 0.9, diceAfter: 0.4, harm: 0.5 },
  { caseId: "chum-1", diceBefore: 0.5, diceAfter: 0.5, harm: 0 },
  { caseId: "MDA-3", diceBefore: 0.2, diceAfter: 0.3, harm: -0.1 },
];

const idsOf = (query: Record<string, string>) =>
  listedDifferences(CASES, differenceListingSchema.parse(query))
    .map(({ caseId }) => caseId);

Deno.test("listedDifferences() puts the most harmed first, and sorts by each column both ways", () => {
  expect(idsOf({})).toEqual(["CHUM-2", "chum-1", "MDA-3"]);
  expect(idsOf({ direction: "descending" }))
    .toEqual(["MDA-3", "chum-1", "CHUM-2"]);
  expect(idsOf({ sort: "diceAfter" })).toEqual(["MDA-3", "CHUM-2", "chum-1"]);
  expect(idsOf({ sort: "caseId" })).toEqual(["CHUM-2", "MDA-3", "chum-1"]);
});

Deno.test("listedDifferences() finds a part of an id in any case of letters", () => {
  expect(idsOf({ search: "Chum" })).toEqual(["CHUM-2", "chum-1"]);
  expect(idsOf({ search: "none" })).toEqual([]);
});
