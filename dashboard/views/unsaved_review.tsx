/** @module Reviews that are not saved: nothing that was written is lost. */
import { caseUrl } from "../cases/case_context.ts";
import { REASON_TEXTS, VERDICT_TEXTS } from "../reviews/review_texts.ts";
import type { Opinion } from "../reviews/save_review.ts";

/** One that the store did not take: it can be sent again. */
export function UnsavedReview({ caseId, action, then, opinion }: {
  caseId: string;
  /** Where it is sent to. */
  action: string;
  /** Where it leads to once it is saved. */
  then: string;
  opinion: Opinion;
}) {
  const { attempt, verdict, reason, comment } = opinion;
  return (
    <form method="post" action={action} class="empty">
      <p role="alert">
        The review of {caseId} ({VERDICT_TEXTS[verdict].done}){" "}
        is not saved: the store does not answer. Keep this page open, and try
        again once it does.
      </p>
      <input type="hidden" name="then" value={then} />
      <input type="hidden" name="attempt" value={attempt} />
      <input type="hidden" name="verdict" value={verdict} />
      <input type="hidden" name="reason" value={reason ?? ""} />
      <label>
        Comment
        <textarea name="comment" rows={3}>{comment}</textarea>
      </label>
      <button type="submit" class="button">Try again</button>
    </form>
  );
}

/** One of a mask that is no longer there. It cannot be sent again: nobody has seen the new mask yet. */
export function ReviewOfEarlierMask({ runId, caseId, opinion }: {
  runId: string;
  caseId: string;
  opinion: Opinion;
}) {
  const { verdict, reason, comment } = opinion;
  return (
    <section class="empty">
      <p role="alert">
        The mask of {caseId}{" "}
        was replaced after you looked at it. Your review of the earlier mask
        ({VERDICT_TEXTS[verdict].done}
        {reason !== null && `, ${REASON_TEXTS[reason].toLowerCase()}`}) is not
        saved.
      </p>
      {comment !== "" && (
        <label>
          Your comment, to copy what holds for the new mask
          <textarea rows={3} readonly>{comment}</textarea>
        </label>
      )}
      <p>
        <a class="button" href={caseUrl({ runId, caseId })} target="_blank">
          Look at the new mask
        </a>
      </p>
      <p class="muted">It opens beside this page.</p>
    </section>
  );
}
