/** @module States as coloured words. */
import type { RunRow } from "../../shared/catalog/queries/runs.ts";
import type { ReviewVerdict } from "../../shared/runs/reviews.ts";
import { whole } from "./numbers.ts";
import { VERDICT_TEXTS } from "../reviews/review_texts.ts";
import type { CaseRow } from "../../shared/catalog/queries/case_row.ts";

const RUN_STATES = {
  open: ["Open", "warn"],
  cancelled: ["Cancelled", "muted"],
  finished: ["Finished", "good"],
} as const;

/** A run that has ended with failed or damaged cases is finished, and not well. */
export function RunBadge({ row: { state, nDone, nFailed, nDamaged } }: {
  row: Pick<RunRow, "state" | "nDone" | "nFailed" | "nDamaged">;
}) {
  const [name, colour] = RUN_STATES[state];
  const isWell = state !== "finished" || nFailed + nDamaged === 0;
  return (
    <>
      <span
        class={`badge ${isWell ? colour : nDone === 0 ? "bad" : "warn"}`}
      >
        {name}
      </span>
      {nDamaged > 0 && <span class="badge bad">{whole(nDamaged)} damaged</span>}
    </>
  );
}

const CASE_STATES = {
  open: ["Open", "muted"],
  failed: ["Failed", "bad"],
  damaged: ["Damaged", "bad"],
} as const;

/** A case's outcome in words; a plain comparison needs none. */
const OUTCOMES = {
  compared: null,
  bothEmpty: ["No tumour", "good"],
  missed: ["Missed", "bad"],
  falseAlarm: ["False alarm", "bad"],
} as const;

const VERDICT_COLOURS: Readonly<Record<ReviewVerdict, string>> = {
  accept: "good",
  fix: "warn",
  reject: "bad",
};

export function CaseBadge(
  { row: { state, outcome }, window = null, hasColumn = false }: {
    row: Pick<CaseRow, "state" | "outcome">;
    /** How far a worker is in it; null: none works on it. */
    window?: string | null;
    /** Whether it stands in a column of its own: elsewhere nothing is said of most cases. */
    hasColumn?: boolean;
  },
) {
  if (state === "open" && window !== null) {
    return <span class="badge warn">{window}</span>;
  }
  const badge = state === "done"
    ? outcome === null ? null : OUTCOMES[outcome]
    : CASE_STATES[state];
  if (badge !== null) {
    return <span class={`badge ${badge[1]}`}>{badge[0]}</span>;
  }
  return hasColumn ? <span class="badge good">Done</span> : null;
}

export function VerdictBadge(
  { row: { verdict, isDisputed, nReviews } }: {
    row: Pick<CaseRow, "verdict" | "isDisputed" | "nReviews">;
  },
) {
  if (verdict === null) return <span class="muted">Not reviewed</span>;
  const newest = VERDICT_TEXTS[verdict].done;
  // Where reviewers differ, the verdict of one of them is not that of the case.
  return (
    <span class="row tight">
      {isDisputed
        ? <span class="badge warn">Reviewers differ</span>
        : <span class={`badge ${VERDICT_COLOURS[verdict]}`}>{newest}</span>}
      {nReviews > 1 && (
        <span class="muted">
          {nReviews} reviews{isDisputed ? `, the newest: ${newest}` : ""}
        </span>
      )}
    </span>
  );
}
