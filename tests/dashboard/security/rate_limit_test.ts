/** @module Token buckets. */
import { expect } from "@std/expect";
import { createRateLimit } from "../../../dashboard/security/rate_limit.ts";

Deno.test("take() gives a burst, then one per so many seconds", () => {
  let nowMs = 0;
  const { take, wait } = createRateLimit(
    { burst: 2, perSecond: 0.5 },
    () => nowMs,
  );
  expect([take("a"), take("a"), take("a")]).toEqual([0, 0, 2]);
  expect(take("b")).toBe(0);
  nowMs = 1999;
  expect(wait("a")).toBe(1);
  nowMs = 2000;
  expect([wait("a"), take("a"), take("a")]).toEqual([0, 0, 2]);
  nowMs = 1_000_000;
  expect([take("a"), take("a"), take("a")]).toEqual([0, 0, 2]);
});

Deno.test("take() keeps a bounded number of buckets, and forgets no empty one for full ones", () => {
  let nowMs = 0;
  const { take } = createRateLimit(
    { burst: 1, perSecond: 1 / 3600 },
    () => nowMs,
  );
  for (let i = 0; i < 5_000; i++) take(`early ${i}`);
  nowMs = 3_600_000;
  for (let i = 0; i < 9_000; i++) take(`late ${i}`);
  expect(take("late 0")).toBeGreaterThan(0);
  expect(take("early 0")).toBe(0);
});
