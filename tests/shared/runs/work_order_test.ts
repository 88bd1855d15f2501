import fc from "fast-check";
import { expect } from "@std/expect";
import { shardOf, workOrder } from "../../../shared/runs/work_order.ts";
import { caseOf } from "../../support/runs.ts";

Deno.test("workOrder() puts the largest first, equal ones in the plan's order", () => {
  const sizes = [["a", 3], ["b", 9], ["c", 3], ["d", 5]] as const;
  const cases = sizes.map(([id, windows]) => ({ ...caseOf(id), windows }));
  expect(workOrder(cases).map(({ caseId }) => caseId))
    .toEqual(["b", "d", "a", "c"]);
  expect(cases.map(({ caseId }) => caseId)).toEqual(["a", "b", "c", "d"]);
});

Deno.test("workOrder() goes by bytes where windows are not planned", () => {
  const cases = [
    { ...caseOf("a"), bytes: 10 },
    { ...caseOf("b"), bytes: 20 },
    caseOf("c"),
  ];
  expect(workOrder(cases).map(({ caseId }) => caseId)).toEqual(["b", "a", "c"]);
});

Deno.test("shardOf() gives every case to exactly one shard, about as many to each, in order", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 40 }),
      fc.integer({ min: 1, max: 12 }),
      (cases, count) => {
        const order = Array.from({ length: cases }, (_, n) => caseOf(`${n}`));
        const shards = Array.from(
          { length: count },
          (_, index) => shardOf(order, index, count),
        );
        expect(
          shards.flat().map(({ caseId }) => Number(caseId)).sort((a, b) =>
            a - b
          ),
        ).toEqual(order.map((_, n) => n));
        for (const shard of shards) {
          expect(shard).toEqual(order.filter((item) => shard.includes(item)));
          expect(Math.abs(shard.length - cases / count)).toBeLessThan(1);
        }
      },
    ),
  );
});

for (const [index, count] of [[2, 2], [-1, 2], [0.5, 2], [0, 0], [NaN, 1]]) {
  Deno.test(`shardOf() refuses shard ${index} of ${count}`, () => {
    expect(() => shardOf([caseOf("a")], index!, count!)).toThrow(RangeError);
  });
}
