/**
 * The times of a schedule that another program keeps: a CronJob's, or one of EventBridge. They are told on the
 * dashboard and start nothing here.
 *
 * Sources: Kubernetes, CronJob (`schedule`, `timeZone`); Amazon EventBridge Scheduler, "Schedule types" (cron-based:
 * minutes, hours, day of month, month, day of week with 1 for Sunday, year; rate-based).
 * @module
 */
import { Cron } from "croner";
import { type NextTime, readPattern } from "./every.ts";

const RATE = /^rate\(\s*([1-9]\d{0,6})\s+(minute|hour|day)s?\s*\)$/;
const CRON = /^cron\(\s*(.+?)\s*\)$/;
const MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/**
 * Reads a pattern of five fields, `cron(0 2 * * ? *)` or `rate(1 day)`.
 *
 * @returns of a rate, when its next time is if the last one was the given one.
 * @throws {RangeError} when it cannot be understood.
 */
export function readTimesElsewhere(
  pattern: string,
  timeZone: string,
): NextTime {
  const [, count, unit] = RATE.exec(pattern) ?? [];
  if (unit !== undefined) {
    const everyMs = Number(count) * MS[unit as keyof typeof MS];
    return (after) => new Date(after.getTime() + everyMs);
  }
  const fields = CRON.exec(pattern)?.[1];
  if (fields === undefined) return readPattern(pattern, timeZone);
  try {
    // Refuses a zone that is not known, which cron itself does not.
    new Intl.DateTimeFormat("en", { timeZone });
    const cron = new Cron(`0 ${fields}`, {
      mode: "7-part",
      timezone: timeZone,
      alternativeWeekdays: true,
    });
    return (after) => cron.nextRun(after);
  } catch (cause) {
    throw new RangeError(
      `Cannot understand the times "${pattern}", ${timeZone}: ${
        cause instanceof Error ? cause.message : String(cause)
      }`,
      { cause },
    );
  }
}
