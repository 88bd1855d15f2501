import { expect } from "@std/expect";
import { compareEvaluated } from "../../../../jobs/evaluation/reevaluate/compare_evaluated.ts";
import type { ObjectStore } from "../../../../shared/storage/object_store.ts";
import { memoryStore } from "../../../support/memory_store.ts";
import { evaluated } from "./evaluations.ts";

/** What is said here is looked at where users meet it. */
const say = () => {};

async function compared(...args: Parameters<typeof compareEvaluated>) {
  const end = await compareEvaluated(...args);
  if (end.type !== "compared") throw new Error(`n ${end.n}`);
  return end;
}

Deno.test("compareEvaluated() compares the cases of both and counts the others", async () => {
  const home = memoryStore();
  const before = await evaluated(home, "v1", {
    a: "##..",
    b: "##..",
    c: "##..",
  });
  const after = await evaluated(home, "v2", { a: "#...", b: "...." });
  const { record, isNew } = await compared(
    home,
    before,
    after,
    "predecessor",
    say,
  );
  expect(isNew).toBe(true);
  expect(record).toMatchObject({
    why: "predecessor",
    cases: "all",
    verdict: "worse",
    before: { name: "v1", coverage: { expected: 3, done: 3, missing: 0 } },
    after: { name: "v2", coverage: { expected: 3, done: 2, missing: 1 } },
    comparison: {
      classes: [{
        n: 2,
        nOnlyBefore: 1,
        nOnlyAfter: 0,
        flips: [{ caseId: "b", from: "compared", to: "missed" }],
      }],
    },
  });
  // Dice 1 and 1 before, 2/3 and 0 after.
  expect(record.comparison.classes[0]!.metrics.dice.meanDifference)
    .toBeCloseTo(-2 / 3, 12);
});

Deno.test("compareEvaluated() records nothing of fewer than two cases", async () => {
  for (
    const [after, n] of [[{}, 0], [{ a: "##.." }, 1], [
      { c: "##.." },
      0,
    ]] as const
  ) {
    const home = memoryStore();
    const before = await evaluated(home, "v1", { a: "##..", b: "##.." });
    const end = await compareEvaluated(
      home,
      before,
      await evaluated(home, "v2", after),
      "best",
      say,
    );
    expect(end).toEqual({ type: "tooFew", n });
    expect(await Array.fromAsync(home.list("comparisons/"))).toEqual([]);
  }
});

Deno.test("compareEvaluated() reads no result twice, until there are more of them", async () => {
  const reads: string[] = [];
  const plain = memoryStore();
  const home: ObjectStore = {
    ...plain,
    get(key, options) {
      reads.push(key);
      return plain.get(key, options);
    },
  };
  const before = await evaluated(home, "v1", { a: "##..", b: "##.." });
  const after = await evaluated(home, "v2", { a: "##..", b: "##.." });
  const first = await compared(home, before, after, "best", say);
  reads.length = 0;
  expect(await compared(home, before, after, "best", say))
    .toEqual({ ...first, isNew: false });
  expect(reads).toEqual([expect.stringMatching(/^comparisons\//)]);
  const more = await evaluated(home, "v2", { c: "##.." });
  const second = await compared(home, before, more, "best", say);
  expect(second.isNew).toBe(true);
  expect(second.record.comparison.classes[0]).toMatchObject({
    n: 2,
    nOnlyAfter: 1,
  });
});
