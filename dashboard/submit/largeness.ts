/** @module Plans that are most likely a slip of the hand: they start only for who says that they are meant so. */
import type { PlanReport } from "../../shared/dispatch/operations.ts";
import { durationText } from "../../shared/units_text.ts";
import { whole } from "../views/numbers.ts";

/** So long a worker may be at a run before it is asked whether that is meant. */
const LONG_SECONDS = 24 * 3600;
/** A whole body has some thousands of windows at most, at the overlaps that are common. */
const MANY_WINDOWS = 100_000;

/** Sentences that say what is large about it; empty: nothing is. */
export function largeness({ runs }: Pick<PlanReport, "runs">): string[] {
  const longest = Math.max(0, ...runs.map(({ seconds }) => seconds ?? 0));
  const most = Math.max(
    0,
    ...runs.map(({ windows, matched }) => windows / Math.max(1, matched)),
  );
  return [
    ...(longest > LONG_SECONDS
      ? [`This takes about ${durationText(longest)}.`]
      : []),
    ...(most > MANY_WINDOWS
      ? [
        `A case has ${
          whole(Math.round(most))
        } windows on average: is the overlap, or the window size, what it should be?`,
      ]
      : []),
  ];
}
