import { expect } from "@std/expect";
import type { WorkOrder } from "../../../shared/dispatch/dispatcher.ts";
import { jobName, runLabel } from "../../../shared/dispatch/order_key.ts";

const ORDER: WorkOrder = {
  runs: ["s3://bucket/home/runs/20261124T093015Z-4f2a9c"],
  workers: 2,
  sharded: false,
};

Deno.test("jobName() is the same for the same order, so that a request sent twice starts one job", async () => {
  const name = await jobName(ORDER);
  expect(name).toMatch(/^uptake-[0-9a-f]{12}$/);
  expect(await jobName({ ...ORDER, runs: [...ORDER.runs] })).toBe(name);
});

Deno.test("jobName() is another for another order, and for one that is placed again", async () => {
  const names = await Promise.all([
    ORDER,
    { ...ORDER, runs: ["s3://bucket/home/runs/20261124T093015Z-000000"] },
    { ...ORDER, workers: 3 },
    { ...ORDER, sharded: true },
    { ...ORDER, again: "first" },
    { ...ORDER, again: "second" },
  ].map(jobName));
  expect(new Set(names).size).toBe(names.length);
});

Deno.test("runLabel() is the run's id where that is a label, else the job's name", () => {
  expect(runLabel(ORDER, "job")).toBe("20261124T093015Z-4f2a9c");
  expect(runLabel({ ...ORDER, runs: ["s3://bucket/home/runs/a/"] }, "job"))
    .toBe("a");
  for (const runs of [["s3://bucket/my run"], ["s3://b/a", "s3://b/c"], []]) {
    expect(runLabel({ ...ORDER, runs }, "job")).toBe("job");
  }
});
