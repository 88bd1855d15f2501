import { expect } from "@std/expect";
import { compareEvaluated } from "../../../../jobs/evaluation/reevaluate/compare_evaluated.ts";
import type { StandingComparison } from "../../../../jobs/evaluation/reevaluate/night.ts";
import { nightText } from "../../../../jobs/evaluation/reevaluate/night_text.ts";
import type { Evaluated } from "../../../../jobs/evaluation/reevaluate/rivals.ts";
import type { ComparisonReason } from "../../../../shared/runs/home/records.ts";
import { memoryStore } from "../../../support/memory_store.ts";
import { checkpointOf, evaluated } from "./evaluations.ts";

const home = memoryStore();
const GOOD = "##..";
const BAD = "....";

async function compared(
  before: Evaluated,
  after: Evaluated,
  why: ComparisonReason,
): Promise<StandingComparison> {
  const end = await compareEvaluated(home, before, after, why, () => {});
  if (end.type !== "compared") throw new Error(`n ${end.n}`);
  return { ...end, isAlarm: end.record.verdict === "worse" };
}

const empty = {
  failed: [],
  skipped: [],
  comparisons: [],
  uncompared: [],
  problems: [],
};

Deno.test("nightText() counts one thing as one", async () => {
  const one = await evaluated(home, "one", { a: GOOD });
  expect(nightText({ ...empty, evaluated: [one] }).split("\n").at(-1))
    .toBe("1 evaluation made, 0 known, 0 skipped");
});

Deno.test("nightText() shows those without any result, and counts them apart", async () => {
  const none = await evaluated(home, "none", {});
  const failed = [await evaluated(home, "failed", {})];
  const lines = nightText({ ...empty, evaluated: [none], failed }).split("\n");
  expect(lines.filter((line) => line.includes("│ 0 of 3 │    - │")))
    .toHaveLength(2);
  expect(lines.at(-1))
    .toBe("0 evaluations made, 0 known, 0 skipped, 2 without any result");
});

Deno.test("nightText() fits 160 columns, leaves no name out, and shows n beside every verdict", async () => {
  const long = (end: string) => ({
    ...checkpointOf(`lymphoma-2026-01-fdg-pet-of-both-centres-${end}`, 1),
    family: "lymphoma-of-both-centres-and-all-years",
    fold: 0,
  });
  const masks = { a: GOOD, b: GOOD, c: GOOD };
  const v1 = await evaluated(home, "v1", masks, long("first"));
  const v2 = await evaluated(home, "v2", { a: BAD, b: BAD }, long("second"));
  const text = nightText({
    ...empty,
    evaluated: [v1, v2],
    comparisons: [
      await compared(v1, v2, "predecessor"),
      await compared(v1, v2, "best"),
      await compared(v2, v1, "best"),
    ],
  });
  const rows = text.split("\n").filter((line) => /^[│┌├└]/.test(line));
  expect(Math.max(...rows.map(({ length }) => length))).toBeLessThan(161);
  const cells = rows.map((row) => row.split("│").map((cell) => cell.trim()));
  expect(cells.map((row) => row[2]).join("")).toContain(v2.checkpoint.name);
  expect(text).toMatch(/ │ -1\.000 \[-1\.000, -1\.000\] │ worse, n 2 of 3 +│/);
  expect(text).toMatch(/ │ \+1\.000 \[.*\] │ better, n 2 of 3 │/);
  expect(text).toContain(
    `${v2.checkpoint.name} is worse than ${v1.checkpoint.name} (its predecessor and the best) on data, n 2 of 3; 2 cases flipped:`,
  );
});
