import { expect } from "@std/expect";
import { failuresText } from "../../../../jobs/evaluation/reevaluate/failures_text.ts";

Deno.test("failuresText() names a few cases, counts the others, and shows what does not print", () => {
  const failed = (n: number) =>
    Array.from({ length: n }, (_, at) => ({
      caseId: `c${at}\n`,
      kind: "timeout" as const,
    }));
  const retry = "  uptake retry --run s3://bucket/home/runs/x --failed";
  const text = (n: number) =>
    failuresText("s3://bucket/home/runs/x", failed(n)).split("\n");
  expect(text(1)).toEqual(["1 case failed: c0\\n (timeout)", retry]);
  expect(text(5)[0]).toMatch(/^5 cases failed: .*, c4\\n \(timeout\)$/);
  expect(text(7)[0]).toMatch(/ c4\\n \(timeout\) and 2 more$/);
});
