/** @module What lists of cases and the page of one have in common. */
import type { CaseRow } from "../../shared/catalog/queries/case_row.ts";
import type { ReviewVerdict } from "../../shared/runs/reviews.ts";
import { caseFileUrl } from "../routes/case_files.ts";
import { VERDICT_TEXTS } from "../reviews/review_texts.ts";

/** Sheets of the pages on which cases are looked at. */
export function CaseStyles({ url }: { url: string }) {
  return <link rel="stylesheet" href={url} />;
}

const STATES = {
  open: { text: "Not segmented yet", tone: "muted" },
  failed: { text: "Failed", tone: "bad" },
} as const;

const OUTCOMES = {
  compared: null,
  bothEmpty: { text: "No tumour", tone: "good" },
  missed: { text: "Missed", tone: "bad" },
  falseAlarm: { text: "False alarm", tone: "warn" },
} as const;

/** What is to be said of a case beside its figures; nothing of most. */
export function StateBadge(
  { state, outcome }: Pick<CaseRow, "state" | "outcome">,
) {
  const badge = state === "done"
    ? outcome === null ? null : OUTCOMES[outcome]
    : STATES[state];
  return badge === null
    ? null
    : <span class={`badge ${badge.tone}`}>{badge.text}</span>;
}

const TONES: Readonly<Record<ReviewVerdict, string>> = {
  accept: "good",
  fix: "warn",
  reject: "bad",
};

export function VerdictBadge(
  { verdict, isDisputed, nReviews }: Pick<
    CaseRow,
    "verdict" | "isDisputed" | "nReviews"
  >,
) {
  if (verdict === null) return <span class="muted">Not reviewed</span>;
  return (
    <span class="row tight">
      <span class={`badge ${TONES[verdict]}`}>
        {VERDICT_TEXTS[verdict].done}
      </span>
      {isDisputed && <span class="badge warn">Reviewers differ</span>}
      {nReviews > 1 && <span class="muted">{nReviews} reviews</span>}
    </span>
  );
}

/** The coronal projection; a quiet field of the same size where there is none. */
export function Thumbnail(
  { runId, caseId, hasPicture }: {
    runId: string;
    caseId: string;
    hasPicture: boolean;
  },
) {
  return hasPicture
    ? (
      <img
        class="thumbnail"
        src={caseFileUrl(runId, caseId, "picture")}
        alt=""
        width="56"
        height="96"
        loading="lazy"
        decoding="async"
      />
    )
    : <span class="thumbnail" aria-hidden="true"></span>;
}
