/** @module Times that another program keeps. */
import { expect } from "@std/expect";
import { readTimesElsewhere } from "../../../../jobs/evaluation/reevaluate/times_elsewhere.ts";

/** A Tuesday. */
const AFTER = new Date("2026-11-24T03:00:00Z");

Deno.test("readTimesElsewhere() understands what CronJobs and EventBridge are told", () => {
  for (
    const [pattern, timeZone, next] of [
      ["0 2 * * *", "Etc/UTC", "2026-11-25T02:00:00.000Z"],
      ["0 2 * * *", "Europe/Berlin", "2026-11-25T01:00:00.000Z"],
      ["cron(0 2 * * ? *)", "Etc/UTC", "2026-11-25T02:00:00.000Z"],
      ["cron(30 23 * * ? *)", "Asia/Tokyo", "2026-11-24T14:30:00.000Z"],
      // 1 is Sunday there, 2 to 6 are the days of work.
      ["cron(0 2 ? * 1 *)", "Etc/UTC", "2026-11-29T02:00:00.000Z"],
      ["cron(0 2 ? * 2-6 *)", "Etc/UTC", "2026-11-25T02:00:00.000Z"],
      ["cron(0 2 ? * SAT *)", "Etc/UTC", "2026-11-28T02:00:00.000Z"],
      ["cron(0 2 L * ? *)", "Etc/UTC", "2026-11-30T02:00:00.000Z"],
      ["rate(1 day)", "Etc/UTC", "2026-11-25T03:00:00.000Z"],
      ["rate(12 hours)", "Etc/UTC", "2026-11-24T15:00:00.000Z"],
      ["rate(5 minutes)", "Etc/UTC", "2026-11-24T03:05:00.000Z"],
    ] as const
  ) {
    const told = readTimesElsewhere(pattern, timeZone)(AFTER);
    expect([pattern, told?.toISOString()]).toEqual([pattern, next]);
  }
});

Deno.test("readTimesElsewhere() refuses what it does not understand, and knows when times are over", () => {
  for (
    const [pattern, timeZone] of [
      ["at(2026-11-25T02:00:00)", "Etc/UTC"],
      ["rate(0 days)", "Etc/UTC"],
      ["cron(sometimes)", "Etc/UTC"],
      ["cron(0 2 * * ? *)", "Mars/Olympus"],
      ["@daily-ish", "Etc/UTC"],
    ] as const
  ) expect(() => readTimesElsewhere(pattern, timeZone)).toThrow(RangeError);
  expect(readTimesElsewhere("cron(0 2 * * ? 2020)", "Etc/UTC")(AFTER))
    .toBeNull();
});
