import { expect } from "@std/expect";
import {
  comparisonHash,
  evaluationHash,
  type EvaluationIdentity,
} from "../../../../shared/runs/home/hashes.ts";

const identity: EvaluationIdentity = {
  checkpointSha256: "a".repeat(64),
  datasetDigest: "b".repeat(64),
  options: {
    overlap: 0.5,
    roi: [32, 32, 32],
    mode: "gaussian",
    tta: "none",
    minLesionMl: 0,
  },
  cases: "all",
};

Deno.test("evaluationHash() is another one for anything that makes another evaluation", () => {
  const { options } = identity;
  const all = [
    identity,
    { ...identity, checkpointSha256: "c".repeat(64) },
    { ...identity, datasetDigest: "c".repeat(64) },
    { ...identity, cases: { fold: 0 } },
    { ...identity, cases: { fold: 1 } },
    ...[
      { overlap: 0.25 },
      { roi: [32, 32, 64] as [number, number, number] },
      { mode: "constant" as const },
      { tta: "mirror" as const },
      { minLesionMl: 1 },
    ].map((change) => ({ ...identity, options: { ...options, ...change } })),
  ].map(evaluationHash);
  expect(new Set(all).size).toBe(all.length);
  expect(all[0]).toMatch(/^[0-9a-f]{64}$/);
});

Deno.test("evaluationHash() does not depend on the order of the options", () => {
  const { overlap, ...rest } = identity.options;
  expect(evaluationHash({ ...identity, options: { ...rest, overlap } }))
    .toBe(evaluationHash(identity));
});

Deno.test("comparisonHash() tells sides, reasons and numbers of results apart", () => {
  const a = { evaluationHash: "a", nDone: 2 };
  const b = { evaluationHash: "b", nDone: 2 };
  const hashes = [
    comparisonHash(a, b, "best"),
    comparisonHash(b, a, "best"),
    comparisonHash(a, b, "predecessor"),
    comparisonHash(a, { ...b, nDone: 3 }, "best"),
  ];
  expect(new Set(hashes).size).toBe(4);
  expect(comparisonHash({ ...a }, { ...b }, "best")).toBe(hashes[0]);
});
