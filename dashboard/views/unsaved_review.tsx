/** @module Reviews that are not saved: nothing that was written is lost. */
import { caseUrl } from "../cases/case_context.ts";
import { REASON_TEXTS, VERDICT_TEXTS } from "../reviews/review_texts.ts";
import type { Opinion } from "../reviews/save_review.ts";
import type { Review } from "../../shared/runs/reviews.ts";
import { readable } from "./names.ts";
import { timeText } from "./numbers.ts";

interface Unsaved {
  readonly runId: string;
  readonly caseId: string;
  readonly opinion: Opinion;
}

/** One that can be sent again: the store did not take it, or another one came since the case was looked at. */
export function UnsavedReview(
  { runId, caseId, then, opinion, since }: Unsaved & {
    /** Where it leads to once it is saved. */
    then: string;
    /** The one that came; null where the store did not answer. */
    since: Review | null;
  },
) {
  const { attempt, verdict, reason, comment } = opinion;
  const seen = since === null ? opinion.seen : since.reviewedAt;
  const url = caseUrl({ runId, caseId });
  return (
    <form method="post" action={`${url}/reviews`} class="empty">
      <p role="alert">
        {since === null
          ? (
            <>
              The review of {readable(caseId)} ({VERDICT_TEXTS[verdict].done})
              {" "}
              is not saved: the store does not answer. Keep this page open, and
              try again once it does.
            </>
          )
          : (
            <>
              {readable(caseId)} was reviewed as “{saidText(since)}” by{" "}
              {since.reviewer}, {timeText(since.reviewedAt)}{" "}
              UTC, since you opened it. Your review ({saidText(opinion)}) is not
              saved. If you save it, both are kept, and the newest counts.
            </>
          )}
      </p>
      {since !== null && since.comment !== "" && (
        <p class="muted">{since.comment}</p>
      )}
      <input type="hidden" name="then" value={then} />
      <input type="hidden" name="attempt" value={attempt} />
      {seen !== undefined && (
        <input type="hidden" name="seen" value={seen ?? ""} />
      )}
      <input type="hidden" name="verdict" value={verdict} />
      <input type="hidden" name="reason" value={reason ?? ""} />
      <label>
        Comment
        <textarea name="comment" rows={3}>{comment}</textarea>
      </label>
      <div class="row">
        <button type="submit" class="button">
          {since === null ? "Try again" : "Save anyway"}
        </button>
        {since !== null && (
          <a class="button quiet" href={url}>Back to the case</a>
        )}
      </div>
    </form>
  );
}

/** One of a mask that nobody can see. */
export function ReviewOfNoMask({ runId, caseId, opinion }: Unsaved) {
  return (
    <section class="empty">
      <p role="alert">
        The mask of {readable(caseId)}{" "}
        is missing or cannot be read, so that nobody can judge it. Your review
        ({saidText(opinion)}) is not saved. Reject the case, or put the file
        back.
      </p>
      <Words of={opinion} />
      <p>
        <a class="button" href={caseUrl({ runId, caseId })}>Back to the case</a>
      </p>
    </section>
  );
}

/** One of a mask that is no longer there. It cannot be sent again: nobody has seen the new mask yet. */
export function ReviewOfEarlierMask({ runId, caseId, opinion }: Unsaved) {
  return (
    <section class="empty">
      <p role="alert">
        The mask of {readable(caseId)}{" "}
        was replaced after you looked at it. Your review of the earlier mask
        ({saidText(opinion)}) is not saved.
      </p>
      <Words of={opinion} />
      <p>
        <a class="button" href={caseUrl({ runId, caseId })} target="_blank">
          Look at the new mask
        </a>
      </p>
      <p class="muted">It opens beside this page.</p>
    </section>
  );
}

/** What was typed, to copy from. */
function Words({ of: { comment } }: { of: Opinion }) {
  return comment === "" ? null : (
    <label>
      Your comment, to copy what holds
      <textarea rows={3} readonly>{comment}</textarea>
    </label>
  );
}

function saidText(
  { verdict, reason }: Pick<Review, "verdict" | "reason">,
): string {
  const { done } = VERDICT_TEXTS[verdict];
  return reason === null
    ? done
    : `${done}, ${REASON_TEXTS[reason].toLowerCase()}`;
}
