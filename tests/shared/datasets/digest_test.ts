import { expect } from "@std/expect";
import fc from "fast-check";
import {
  datasetDigest,
  type DigestedCase,
} from "../../../shared/datasets/digest.ts";
import { sha256 } from "../../../shared/runs/sha256.ts";

Deno.test("datasetDigest() is the sha256 over sorted lines of JSON", async () => {
  const digest = datasetDigest([
    { caseId: "b", images: [["e2"]], labels: [], fold: 0 },
    { caseId: "a", images: [["e1"], []], labels: ["l"], patientId: "p" },
  ]);
  const lines = '["a",[["e1"],[]],["l"],"p",null]\n["b",[["e2"]],[],null,0]';
  expect(digest).toBe(await sha256(new TextEncoder().encode(lines)));
});

const text = fc.string({ maxLength: 4 });
const item: fc.Arbitrary<DigestedCase> = fc.record({
  caseId: text,
  images: fc.array(fc.array(text, { maxLength: 2 }), { maxLength: 2 }),
  labels: fc.array(text, { maxLength: 2 }),
  patientId: fc.option(text, { nil: undefined }),
  fold: fc.option(fc.nat(4), { nil: undefined }),
});

Deno.test("datasetDigest() does not depend on the order of cases", () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 6 }), (cases) => {
      expect(datasetDigest(cases.toReversed())).toBe(datasetDigest(cases));
    }),
  );
});

Deno.test("datasetDigest() changes with anything that a case says", () => {
  fc.assert(
    fc.property(item, item, fc.array(item, { maxLength: 3 }), (a, b, rest) => {
      const canonical = (x: DigestedCase) =>
        JSON.stringify({
          ...x,
          images: x.images.map((etags) => [...etags].sort()),
          labels: [...x.labels].sort(),
        });
      fc.pre(canonical(a) !== canonical(b));
      expect(datasetDigest([a, ...rest])).not.toBe(
        datasetDigest([b, ...rest]),
      );
    }),
  );
});
