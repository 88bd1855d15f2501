/** @module Whether a checkpoint was trained on the cases that it is judged by, in words. */
import type { OverviewRow } from "../../shared/catalog/queries/overview.ts";
import type { RunRow } from "../../shared/catalog/queries/runs.ts";
import { whole } from "./numbers.ts";

/** Null: it was not, as far as is known. */
export const SEEN_TEXTS: Readonly<Record<OverviewRow["seen"], string | null>> =
  Object.freeze({
    no: null,
    maybe: "May have seen these cases",
    yes: "Trained on these cases",
  });

/** The same of one case. */
export const CASE_SEEN_TEXTS: typeof SEEN_TEXTS = Object.freeze({
  no: null,
  maybe: "May have seen this case",
  yes: "Trained on this case",
});

/** What is to be said beside the mean of a run; null: nothing. */
export function meanSeenText(
  { meanDice, nTrainedOn, mayHaveSeen }: Pick<
    RunRow,
    "meanDice" | "nTrainedOn" | "mayHaveSeen"
  >,
): string | null {
  const parts = [
    ...(nTrainedOn === 0
      ? []
      : meanDice === null
      ? ["trained on these cases"]
      : [`without ${whole(nTrainedOn)} trained on`]),
    ...(mayHaveSeen ? ["may have seen these cases"] : []),
  ];
  return parts.length === 0 ? null : parts.join(", ");
}
