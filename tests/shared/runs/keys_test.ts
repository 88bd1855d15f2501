import { expect } from "@std/expect";
import {
  caseOfMask,
  caseOfResult,
  failureKey,
  maskKey,
  parseFailureKey,
  resultKey,
} from "../../../shared/runs/keys.ts";

for (const caseId of ["a", "twö 2", "a.b_c-d", "50%", "x.json", "a/b"]) {
  Deno.test(`keys of case "${caseId}" tell the case they are of`, () => {
    expect(caseOfResult(resultKey(caseId))).toBe(caseId);
    expect(caseOfMask(maskKey(caseId))).toBe(caseId);
    expect(parseFailureKey(failureKey(caseId, 12))).toEqual({
      caseId,
      round: 12,
    });
  });
}

Deno.test("files that are no records have no case", () => {
  for (
    const name of [
      ".DS_Store",
      "one (1).json",
      "a.json.tmp",
      "b/c.json",
      "%.json",
    ]
  ) {
    expect(caseOfResult(`results/${name}`)).toBeNull();
  }
  for (const name of ["0.json", "a/.DS_Store", "a/x.json", "a (1)/0.json"]) {
    expect(parseFailureKey(`failures/${name}`)).toBeNull();
  }
});

Deno.test("caseOfMask() takes a name that is not ours as it stands", () => {
  expect(caseOfMask("masks/one (1).nii.gz")).toBe("one (1)");
});
