/** @module What is said below a chart of its dots. */
import { expect } from "@std/expect";
import { dotsNote } from "../../../dashboard/browser/charts/dots_note.ts";

const dot = {
  runId: "r",
  caseId: "c",
  checkpoint: "k",
  fold: null,
  outcome: null,
  value: 0.5,
};

Deno.test("dotsNote() says which cases have a dot where not all have", () => {
  expect(dotsNote({ dots: [dot], total: 1, isSampled: false, nAtEachEnd: 0 }))
    .toBe("1 case with a value.");
  expect(
    dotsNote({
      dots: Array.from({ length: 2000 }, () => dot),
      total: 50_000,
      isSampled: true,
      nAtEachEnd: 10,
    }),
  ).toBe(
    "2,000 of 50,000 cases are drawn as dots: the 10 lowest, the 10 highest, and of the others a random sample with " +
      "the same cases of each checkpoint. Boxes count all.",
  );
});
