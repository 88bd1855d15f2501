/** @module What reviewers said of a case, and the form to say it. Every choice has a key. */
import type { CaseDetail } from "../../shared/catalog/queries/case_detail.ts";
import {
  MAX_COMMENT_CHARACTERS,
  REVIEW_REASONS,
  reviewVerdictSchema,
} from "../../shared/runs/reviews.ts";
import { caseUrl, type Place } from "../cases/case_context.ts";
import { type FileState, verdictsOn } from "../cases/look_at_files.ts";
import { REASON_TEXTS, VERDICT_TEXTS } from "../reviews/review_texts.ts";
import { timeText } from "./numbers.ts";

const KEYS = { accept: "A", fix: "F", reject: "R" } as const;

export function CaseReview({ detail, place, mask, mayReview }: {
  detail: CaseDetail;
  place: Place;
  mask: FileState;
  mayReview: boolean;
}) {
  return (
    <section class="card" aria-labelledby="review-title">
      <div class="row spread">
        <h2 id="review-title">Review</h2>
        <button type="button" id="help-button" class="link" hidden>
          Keys <kbd>?</kbd>
        </button>
      </div>
      {mayReview && detail.state === "done"
        ? <Form detail={detail} place={place} mask={mask} />
        : (
          <p class="muted">
            {mayReview
              ? "There is no mask to review yet."
              : "Your role lets you read reviews, not give them."}
          </p>
        )}
      <History reviews={detail.reviews} />
      <Help />
    </section>
  );
}

function Form({ detail, place, mask }: {
  detail: CaseDetail;
  place: Place;
  mask: FileState;
}) {
  const verdicts = verdictsOn(mask);
  return (
    <form
      id="review"
      method="post"
      action={`${caseUrl(detail)}/reviews`}
    >
      <input
        type="hidden"
        name="then"
        value={place.nextUrl ?? place.listUrl}
      />
      <input type="hidden" name="attempt" value={detail.attempt ?? ""} />
      <input
        type="hidden"
        name="seen"
        value={detail.reviews[0]?.reviewedAt ?? ""}
      />
      {verdicts.length === 1 && (
        <p class="warn">
          {"reason" in mask ? mask.reason : "The record names no mask"}. Nobody
          can see it, so that it can only be rejected until the file is back.
        </p>
      )}
      <fieldset class="verdicts">
        <legend class="visually-hidden">Verdict</legend>
        {reviewVerdictSchema.options.map((verdict) => (
          <label class={`chip ${verdict}`}>
            <input
              type="radio"
              name="verdict"
              value={verdict}
              disabled={!verdicts.includes(verdict)}
              required
              class="visually-hidden"
            />
            {VERDICT_TEXTS[verdict].ask} <kbd>{KEYS[verdict]}</kbd>
          </label>
        ))}
      </fieldset>
      <fieldset class="reasons">
        <legend>
          Why not accepted{" "}
          <span id="reason-needed" class="bad" role="alert"></span>
        </legend>
        {REVIEW_REASONS.map((reason, index) => (
          <label class="chip">
            <input
              type="radio"
              name="reason"
              value={reason}
              class="visually-hidden"
            />
            <kbd>{index + 1}</kbd> {REASON_TEXTS[reason]}
          </label>
        ))}
      </fieldset>
      <label>
        Comment <kbd>C</kbd>
        <textarea name="comment" rows={2} maxlength={MAX_COMMENT_CHARACTERS}>
        </textarea>
      </label>
      <div class="row">
        <button type="submit" class="button">
          {place.nextUrl === null ? "Save" : "Save and next"} <kbd>Enter</kbd>
        </button>
        <span class="muted">
          No patient's name in comments. <span id="draft" role="status"></span>
        </span>
      </div>
    </form>
  );
}

function History({ reviews }: { reviews: CaseDetail["reviews"] }) {
  if (reviews.length === 0) return null;
  return (
    <ol class="history" aria-label="Reviews, the newest first">
      {reviews.map((
        { reviewer, reviewedAt, isOfThisMask, verdict, reason, comment },
      ) => (
        <li>
          <strong>{VERDICT_TEXTS[verdict].done}</strong>
          {reason !== null && `, ${REASON_TEXTS[reason].toLowerCase()}`}
          <span class="muted">
            {` by ${reviewer}, ${timeText(reviewedAt)} UTC`}
          </span>
          {!isOfThisMask && (
            <>
              {" "}
              <span class="badge warn">Of an earlier mask</span>
            </>
          )}
          {comment !== "" && <p>{comment}</p>}
        </li>
      ))}
    </ol>
  );
}

const HELP: readonly (readonly [readonly string[], string])[] = [
  [["A", "F", "R"], "Accept, fix, reject"],
  [["1", "8"], "Why it is not accepted"],
  [["C", "Esc"], "Write a comment, leave it"],
  [["Enter"], "Save, and go to the next case"],
  [["J", "K"], "Next, previous case (also → and ←)"],
  [["N", "P"], "Next, previous lesion"],
  [["O", "D", "H"], "Outlines or fills, difference, hide"],
  [["M", "L"], "Mask, label on and off"],
  [["W", "I"], "Next window, invert the greys"],
  [["+", "-", "0"], "Zoom in, out, whole scan (also Ctrl and the wheel)"],
  [["Tab", "←↑→↓"], "Into the planes, and move the crosshair there"],
  [["PgUp", "PgDn"], "There: through the slices (also the wheel)"],
  [["Right or middle drag"], "Shift the planes"],
  [["?"], "This list"],
];

function Help() {
  return (
    <dialog id="help" aria-labelledby="help-title">
      <h2 id="help-title">Keys</h2>
      <dl class="keys">
        {HELP.map(([keys, text]) => (
          <div>
            <dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit" class="button quiet">Close</button>
      </form>
    </dialog>
  );
}
