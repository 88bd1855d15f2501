/** @module A review that the store did not take: nothing of it is lost, and it can be sent again. */
import { VERDICT_TEXTS } from "../reviews/review_texts.ts";
import type { Opinion } from "../reviews/save_review.ts";

export function UnsavedReview({ caseId, action, then, opinion }: {
  caseId: string;
  /** Where it is sent to. */
  action: string;
  /** Where it leads to once it is saved. */
  then: string;
  opinion: Opinion;
}) {
  const { verdict, reason, comment } = opinion;
  return (
    <form method="post" action={action} class="empty">
      <p role="alert">
        The review of {caseId} ({VERDICT_TEXTS[verdict].done}){" "}
        is not saved: the store does not answer. Keep this page open, and try
        again once it does.
      </p>
      <input type="hidden" name="then" value={then} />
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
