import { expect } from "@std/expect";
import fc from "fast-check";
import {
  decodeCaseId,
  encodeCaseId,
  isNiftiKey,
  stemOf,
} from "../../../shared/datasets/case_id.ts";

Deno.test("encodeCaseId() keeps letters, digits, space and ._-", () => {
  const caseId = "fdg_3b1c9155f5_01-31-2003-NA-PET-CT  mit KM-94971.a";
  expect(encodeCaseId(caseId)).toBe(caseId);
});

Deno.test("encodeCaseId() percent-encodes every other byte", () => {
  expect(encodeCaseId("a/b")).toBe("a%2Fb");
  expect(encodeCaseId("Müller")).toBe("M%C3%BCller");
  expect(encodeCaseId("50%")).toBe("50%25");
});

for (const caseId of ["", ".", "..", "\ud800", "ü".repeat(34)]) {
  Deno.test(`encodeCaseId() refuses ${JSON.stringify(caseId)}`, () => {
    expect(() => encodeCaseId(caseId)).toThrow(RangeError);
  });
}

Deno.test("decodeCaseId() gives back what was encoded, in one key segment", () => {
  fc.assert(fc.property(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 16 }),
    (caseId) => {
      fc.pre(caseId !== "." && caseId !== "..");
      let encoded: string;
      try {
        encoded = encodeCaseId(caseId);
      } catch {
        return;
      }
      expect(encoded).toMatch(/^[A-Za-z0-9 ._%-]+$/);
      expect(decodeCaseId(encoded)).toBe(caseId);
    },
  ));
});

for (const text of ["a%2fb", "%41", "a/b", "%", "..", "%C3"]) {
  Deno.test(`decodeCaseId() refuses ${text}, which no id encodes to`, () => {
    expect(() => decodeCaseId(text)).toThrow(RangeError);
  });
}

Deno.test("isNiftiKey() knows both endings and leaves hidden files out", () => {
  expect(isNiftiKey("a/b.nii.gz")).toBe(true);
  expect(isNiftiKey("b.NII")).toBe(true);
  expect(isNiftiKey("a/._b.nii.gz")).toBe(false);
  expect(isNiftiKey("b.nii.txt")).toBe(false);
});

Deno.test("stemOf() drops the folder and the ending, nothing else", () => {
  expect(stemOf("a/b.c d.nii.gz")).toBe("b.c d");
  expect(stemOf("b.nii")).toBe("b");
});
