/** @module What is done at certain times, as its records in the home tell. */
import {
  type Schedule,
  scheduleSchema,
} from "../../shared/runs/home/records.ts";
import { SCHEDULES } from "../../shared/runs/home/keys.ts";
import { readReadable } from "../../shared/runs/record_io.ts";
import type { DashboardDeps } from "../deps.ts";

/** Records that are read; nobody keeps more. */
const MAX_SCHEDULES = 200;
/** Whoever is so late is not there any more. */
const LATE_MS = 10 * 60_000;

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

/** `late`: its time has come and gone, and nothing began: its process is not there any more. */
export type ScheduleState = "waiting" | "running" | "late" | "stopped";

export function scheduleState(
  { nextAt, lastStartedAt, lastEndedAt }: Schedule,
  now: Date,
): ScheduleState {
  if (nextAt === null) return "stopped";
  const isRunning = lastStartedAt !== null &&
    (lastEndedAt === null || lastEndedAt < lastStartedAt);
  if (isRunning) return "running";
  return Date.parse(nextAt) + LATE_MS < now.getTime() ? "late" : "waiting";
}
