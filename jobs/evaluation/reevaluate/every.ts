/**
 * Doing something at the times of a cron pattern, for as long as the process lives: never twice at once, and
 * also after it has failed.
 * @module
 */
import { Cron } from "croner";
import { type Clock, systemClock } from "../../../shared/dispatch/clock.ts";
import { explain } from "../../cli/explain.ts";

/** Sleeping machines and set clocks are noticed so soon. */
const LOOK_EVERY_MS = 60_000;

/** Tells the next time after a given one; null when there is none. */
export type NextTime = (after: Date) => Date | null;

/**
 * Reads a cron pattern of five fields.
 *
 * @param timeZone such as `Europe/Berlin`: its summer time is kept
 * @throws {RangeError} when either cannot be understood, or no time ever matches.
 */
export function readPattern(pattern: string, timeZone: string): NextTime {
  const refuse = (cause: unknown) =>
    new RangeError(
      `Cannot do it at "${pattern}", ${timeZone}: ${
        cause instanceof Error ? cause.message : String(cause)
      }`,
      { cause },
    );
  try {
    // Refuses a zone that is not known, which cron itself does not.
    new Intl.DateTimeFormat("en", { timeZone });
    const cron = new Cron(pattern, { mode: "5-part", timezone: timeZone });
    if (cron.nextRun() === null) throw new RangeError("no such time will come");
    return (after) => cron.nextRun(after);
  } catch (error) {
    throw refuse(error);
  }
}

export interface EveryOptions {
  readonly next: NextTime;
  readonly signal: AbortSignal;
  say(line: string): void;
  /** Told of each next time, and of null once there is none. */
  readonly onNext?: (time: Date | null) => Promise<void>;
  /** @default this machine's */
  readonly clock?: Clock;
  /** The time of day. @default this machine's */
  readonly now?: () => Date;
}

/**
 * Does the work at each of the times. Times that pass while it is being done are left out.
 *
 * @returns when no further time will come.
 * @throws the signal's reason once it is aborted.
 */
export async function every(
  work: () => Promise<void>,
  {
    next,
    signal,
    say,
    onNext,
    clock = systemClock,
    now = () => new Date(),
  }: EveryOptions,
): Promise<void> {
  while (true) {
    const time = next(now());
    if (time !== null) say(`Next at ${time.toISOString()}`);
    await onNext?.(time);
    if (time === null) return;
    while (now() < time) {
      const left = time.getTime() - now().getTime();
      await clock.sleep(Math.min(left, LOOK_EVERY_MS), signal);
    }
    signal.throwIfAborted();
    try {
      await work();
    } catch (error) {
      signal.throwIfAborted();
      say(`This time it failed: ${explain(error)}`);
    }
  }
}
