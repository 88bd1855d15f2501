import { expect } from "@std/expect";
import { linesOf } from "../../../dashboard/browser/charts/lines_of.ts";

Deno.test("linesOf() breaks what is too long, and keeps both ends of what is much too long", () => {
  expect(linesOf("ma3dseg", 10)).toEqual(["ma3dseg"]);
  expect(linesOf("ma3dseg-hecktor", 10)).toEqual(["ma3dseg-he", "cktor"]);
  expect(linesOf("ma3dseg-of-a-very-long-study-night-2", 10)).toEqual([
    "ma3dseg-of",
    "…y-night-2",
  ]);
});
