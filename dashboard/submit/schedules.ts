/** @module What is done at certain times, as its records in the home tell. */
import { z } from "zod";
import {
  type Schedule,
  scheduleSchema,
} from "../../shared/runs/home/records.ts";
import { SCHEDULES } from "../../shared/runs/home/keys.ts";
import { readReadable } from "../../shared/runs/record_io.ts";
import type { DashboardDeps } from "../deps.ts";

/** Records that are read; nobody keeps more. */
const MAX_SCHEDULES = 200;
/** Whoever is so late does not come any more. Schedulers elsewhere try for an hour, and machines take time to start. */
const LATE_MS: Readonly<Record<Schedule["keptBy"], number>> = {
  process: 10 * 60_000,
  elsewhere: 70 * 60_000,
};

export interface Schedules {
  /** What comes next comes first. */
  readonly items: readonly Schedule[];
  /** Why the others cannot be shown. */
  readonly problems: readonly string[];
}

export async function readSchedules(
  { home, signal }: Pick<DashboardDeps, "home" | "signal">,
): Promise<Schedules> {
  const keys: string[] = [];
  for await (const { key } of home.list(SCHEDULES, { signal })) {
    if (key.endsWith(".json")) keys.push(key);
    if (keys.length === MAX_SCHEDULES) break;
  }
  const { records, damaged } = await readReadable(home, keys, scheduleSchema);
  const timeOf = ({ nextAt }: Schedule) =>
    nextAt === null ? Infinity : Date.parse(nextAt);
  return {
    items: records.toSorted((a, b) =>
      timeOf(a) === timeOf(b) ? 0 : timeOf(a) - timeOf(b)
    ),
    problems: [...damaged.values()],
  };
}

/**
 * `missed`: its time has come and gone, and nothing began. `overdue`: it began, and has not ended by its next time.
 * `unknown`: another program keeps it, and when it begins next is not known here.
 */
export const scheduleStateSchema = z.enum([
  "waiting",
  "running",
  "missed",
  "overdue",
  "stopped",
  "unknown",
]);
export type ScheduleState = z.infer<typeof scheduleStateSchema>;

export function scheduleState(
  { keptBy, nextAt, lastStartedAt, lastEndedAt }: Schedule,
  now: Date,
): ScheduleState {
  const isRunning = lastStartedAt !== null &&
    (lastEndedAt === null || lastEndedAt < lastStartedAt);
  if (nextAt === null) {
    if (keptBy === "process") return "stopped";
    return isRunning ? "running" : "unknown";
  }
  const isPast = Date.parse(nextAt) + LATE_MS[keptBy] < now.getTime();
  if (!isRunning) return isPast ? "missed" : "waiting";
  // Records of earlier versions keep the time that it began at.
  return isPast && nextAt > lastStartedAt ? "overdue" : "running";
}
