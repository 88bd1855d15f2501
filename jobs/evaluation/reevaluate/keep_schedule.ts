/**
 * Keeps the record of what is done at certain times, so that the dashboard can tell when it was and will be done.
 * @module
 */
import { createHash } from "node:crypto";
import { scheduleKey } from "../../../shared/runs/home/keys.ts";
import {
  type Schedule,
  scheduleSchema,
} from "../../../shared/runs/home/records.ts";
import { readRecord, writeRecord } from "../../../shared/runs/record_io.ts";
import type { ObjectStore } from "../../../shared/storage/object_store.ts";
import type { ExitCode } from "../../cli/context.ts";
import { ExitError } from "../../cli/exit_error.ts";
import { explain } from "../../cli/explain.ts";
import { UsageError } from "../../cli/usage_error.ts";
import type { NextTime } from "./every.ts";

export interface ScheduleOptions
  extends Pick<Schedule, "keptBy" | "cron" | "timeZone" | "datasets"> {
  /** @default made of the pattern, zone and datasets */
  readonly name: string | undefined;
  /** Null: the times cannot be understood. */
  readonly nextTime: NextTime | null;
}

export interface KeptSchedule {
  /** Tells when it is done next; null: no more. */
  next(time: Date | null): Promise<void>;
  /** Does it, and tells when it began and how it ended: by its exit code, or that of the error that it threw. */
  during<T extends { readonly exitCode: ExitCode }>(
    work: () => Promise<T>,
  ): Promise<T>;
}

/**
 * Goes on with the record that is there. What cannot be written is said, and ends nothing.
 *
 * @throws {RangeError} when it cannot be called so.
 */
export async function keepSchedule(
  home: ObjectStore,
  { name: given, nextTime, keptBy, cron, timeZone, datasets }: ScheduleOptions,
  say: (line: string) => void,
  now: () => Date = () => new Date(),
): Promise<KeptSchedule> {
  const name = given ?? nameOf(cron, timeZone, datasets);
  const key = scheduleKey(name);
  let record: Schedule = {
    lastStartedAt: null,
    lastEndedAt: null,
    lastExitCode: null,
    ...await orSay(() => readRecord(home, key, scheduleSchema)),
    format: 1,
    name,
    keptBy,
    cron,
    timeZone,
    datasets: [...datasets],
    nextAt: null,
  };

  async function orSay<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      say(`The schedule ${home.location}/${key}: ${explain(error)}`);
      return null;
    }
  }

  async function write(change: Partial<Schedule>): Promise<void> {
    record = { ...record, ...change };
    await orSay(() => writeRecord(home, key, record));
  }

  return {
    next: (time) => write({ nextAt: time?.toISOString() ?? null }),
    async during(work) {
      const begun = now();
      await write({
        lastStartedAt: begun.toISOString(),
        nextAt: nextTime?.(begun)?.toISOString() ?? null,
      });
      let lastExitCode: ExitCode = 1;
      try {
        const ended = await work();
        lastExitCode = ended.exitCode;
        return ended;
      } catch (error) {
        if (error instanceof ExitError) lastExitCode = error.exitCode;
        else if (error instanceof UsageError) lastExitCode = 2;
        throw error;
      } finally {
        await write({ lastEndedAt: now().toISOString(), lastExitCode });
      }
    },
  };
}

/** Letters, digits and hyphens of the pattern, and a hash: `0-2-x-x-x-1a2b3c4d`. */
function nameOf(
  cron: string,
  timeZone: string,
  datasets: readonly string[],
): string {
  const words = cron.trim().replaceAll("*", "x").replace(/[^A-Za-z0-9]+/g, "-");
  const hash = createHash("sha256")
    .update(JSON.stringify([cron, timeZone, datasets])).digest("hex");
  return `${words.slice(0, 40).replace(/^-/, "at-")}-${hash.slice(0, 8)}`;
}
