import { expect } from "@std/expect";
import { bestSeconds, figuresTable } from "./benchmark/benchmark.ts";

Deno.test("bestSeconds() calls once to warm up, then as often as asked", async () => {
  let calls = 0;
  const seconds = await bestSeconds(3, () => calls++);
  expect(calls).toBe(4);
  expect(seconds).toBeGreaterThanOrEqual(0);
  expect(Number.isFinite(seconds)).toBe(true);
});

Deno.test("figuresTable() shows figure, target, reference and ratio, and dashes where there is none", () => {
  const text = figuresTable([
    { name: "a", value: 2, unit: "s", target: 3, reference: 5 },
    { name: "b", value: 1.2345, unit: "GB" },
  ]);
  const [a = "", b = ""] = text.split("\n").filter((line) =>
    /│ [ab] /.test(line)
  );
  expect(a).toMatch(/2 s.*3 s.*5 s.*2\.5x/);
  expect(b).toMatch(/1\.23 GB.*-.*-.*-/);
});
