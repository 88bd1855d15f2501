import { expect } from "@std/expect";
import fc from "fast-check";
import {
  checkOrder,
  workArguments,
  type WorkOrder,
} from "../../../shared/dispatch/dispatcher.ts";
import { jobName, runLabel } from "../../../shared/dispatch/order_key.ts";

const RUN = "s3://bucket/home/runs/20261124T093015Z-4f2a9c";
const ORDER: WorkOrder = { runs: [RUN], workers: 3, sharded: false };

Deno.test("checkOrder() takes one run for many workers, and one worker for each of many", () => {
  checkOrder(ORDER);
  checkOrder({ ...ORDER, sharded: true });
  checkOrder({ runs: ["r0", "r1", "r2"], workers: 3, sharded: false });
});

Deno.test("checkOrder() refuses orders that contradict themselves", () => {
  for (
    const [wrong, why] of [
      [{ workers: 0 }, "a whole number above 0"],
      [{ workers: 1.5 }, "a whole number above 0"],
      [{ workers: NaN }, "a whole number above 0"],
      [{ runs: [] }, "no run is named"],
      [{ runs: [""] }, "a location that is empty or starts with -"],
      [{ runs: ["--shard"] }, "a location that is empty or starts with -"],
      [{ runs: ["a", "b"] }, "several runs take one worker each"],
      [{ runs: ["a", "b", "a"] }, "a run is named twice"],
      [
        { runs: ["a", "b", "c"], sharded: true },
        "several runs are not sharded",
      ],
    ] as const
  ) {
    expect(() => checkOrder({ ...ORDER, ...wrong })).toThrow(RangeError);
    expect(() => checkOrder({ ...ORDER, ...wrong })).toThrow(why);
  }
});

Deno.test("workArguments() names every run, and shards only when asked", () => {
  expect(workArguments(ORDER)).toEqual(["work", "--run", RUN]);
  expect(workArguments({ ...ORDER, sharded: true }))
    .toEqual(["work", "--run", RUN, "--shard", "auto"]);
  expect(workArguments({ runs: ["r0", "r1"], workers: 2, sharded: false }))
    .toEqual(["work", "--run", "r0", "r1"]);
});

Deno.test("jobName() is the same for the same order and another for any other", async () => {
  const anyOrder = fc.record({
    runs: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
    workers: fc.integer({ min: 1, max: 4 }),
    sharded: fc.boolean(),
  });
  await fc.assert(fc.asyncProperty(anyOrder, anyOrder, async (a, b) => {
    const [nameA, nameB] = [await jobName(a), await jobName(b)];
    expect(nameA).toMatch(/^uptake-[0-9a-f]{12}$/);
    expect(await jobName({ ...a })).toBe(nameA);
    expect(nameA === nameB).toBe(JSON.stringify(a) === JSON.stringify(b));
  }));
});

Deno.test("runLabel() is the run's id, or the job's name where there is no one id", () => {
  expect(runLabel(ORDER, "job")).toBe("20261124T093015Z-4f2a9c");
  expect(runLabel({ ...ORDER, runs: [`${RUN}/`] }, "job"))
    .toBe("20261124T093015Z-4f2a9c");
  for (const run of ["/data/my run", "/", `/${"a".repeat(64)}`, "/run-"]) {
    expect(runLabel({ ...ORDER, runs: [run] }, "job")).toBe("job");
  }
  expect(runLabel({ ...ORDER, runs: ["a", "b"] }, "job")).toBe("job");
});
