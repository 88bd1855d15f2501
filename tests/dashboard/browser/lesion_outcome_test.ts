/** @module What the table of lesions calls a lesion. */
import { expect } from "@std/expect";
import { outcomeOf } from "../../../dashboard/browser/viewer/lesion_outcome.ts";

Deno.test("outcomeOf() calls no lesion plainly found whose mask is of another size", () => {
  const found = (labelMl: number, maskMl: number) =>
    outcomeOf({ kind: "found", labelMl, maskMl });
  expect(found(21.3, 0.3)).toEqual({
    text: "Found, mask much smaller",
    tone: "warn",
  });
  expect(found(10, 4.9).tone).toBe("warn");
  expect(found(10, 5)).toEqual({ text: "Found", tone: "good" });
  expect(found(10, 20)).toEqual({ text: "Found", tone: "good" });
  expect(found(10, 21)).toEqual({
    text: "Found, mask much larger",
    tone: "warn",
  });
  expect(outcomeOf({ kind: "missed", labelMl: 3, maskMl: null }).text)
    .toBe("Missed");
});
