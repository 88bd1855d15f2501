/** @module States as coloured words. */
import type { RunRow } from "../../shared/catalog/queries/runs.ts";
import type { CaseRow } from "../../shared/catalog/queries/case_row.ts";

const RUN_STATES = {
  open: ["Open", "warn"],
  cancelled: ["Cancelled", "muted"],
  finished: ["Finished", "good"],
} as const;

export function RunBadge({ state }: { state: RunRow["state"] }) {
  const [name, colour] = RUN_STATES[state];
  return <span class={`badge ${colour}`}>{name}</span>;
}

/** A case's outcome in words; a plain comparison needs none. */
const OUTCOMES = {
  compared: null,
  bothEmpty: ["No tumour", "muted"],
  missed: ["Missed", "bad"],
  falseAlarm: ["False alarm", "bad"],
} as const;

const VERDICTS = {
  accept: ["Accepted", "good"],
  fix: ["To be fixed", "warn"],
  reject: ["Rejected", "bad"],
} as const;

export function CaseBadge(
  { row, window = null }: {
    row: Pick<CaseRow, "state" | "outcome">;
    /** How far a worker is in it; null: none works on it. */
    window?: string | null;
  },
) {
  if (row.state === "failed") return <span class="badge bad">Failed</span>;
  if (row.state === "open") {
    return window === null
      ? <span class="badge muted">Open</span>
      : <span class="badge warn">{window}</span>;
  }
  const outcome = row.outcome === null ? null : OUTCOMES[row.outcome];
  return outcome === null
    ? <span class="badge good">Done</span>
    : <span class={`badge ${outcome[1]}`}>{outcome[0]}</span>;
}

export function VerdictBadge(
  { row: { verdict, isDisputed } }: {
    row: Pick<CaseRow, "verdict" | "isDisputed">;
  },
) {
  if (verdict === null) return <span class="muted">Not reviewed</span>;
  const [name, colour] = VERDICTS[verdict];
  return (
    <span class={`badge ${colour}`}>
      {name}
      {isDisputed ? ", disputed" : ""}
    </span>
  );
}
