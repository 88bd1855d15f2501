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
  return { items: records, problems: [...damaged.values()] };
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

export const scheduleListingSchema = z.strictObject({
  state: scheduleStateSchema.optional(),
  /** Part of its name or of a dataset's location, in any case of letters. */
  search: z.string().max(200).optional(),
  sort: z.enum(["name", "nextAt", "lastStartedAt", "lastEndedAt"])
    .default("nextAt"),
  direction: z.enum(["ascending", "descending"]).default("ascending"),
});
export type ScheduleListing = z.infer<typeof scheduleListingSchema>;

/** Those asked for; times that are not known come last. */
export function listedSchedules(
  items: readonly Schedule[],
  { state, search = "", sort, direction }: ScheduleListing,
  now: Date,
): Schedule[] {
  const text = search.toLowerCase();
  const way = direction === "ascending" ? 1 : -1;
  return items.filter((one) =>
    (state === undefined || scheduleState(one, now) === state) &&
    [one.name, ...one.datasets].some((value) =>
      value.toLowerCase().includes(text)
    )
  ).sort((one, other) => {
    const [a, b] = [one[sort], other[sort]];
    if (a === b) return 0;
    if (a === null) return 1;
    if (b === null) return -1;
    return a < b ? -way : way;
  });
}

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
