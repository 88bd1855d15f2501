/** @module Says that the review of the case before was saved. */
import { caseUrl } from "../cases/case_context.ts";
import type { SavedReview } from "../reviews/saved_review.ts";
import { readable } from "./names.ts";

/** @param runId of which the page is, where it is of one run alone: cases of others may be called the same */
export function SavedNote({ saved, runId }: {
  saved: SavedReview | null;
  runId: string | undefined;
}) {
  // Stands there from the start, so that it is read out; scripts drop the draft of what it names.
  return (
    <p
      id="saved"
      role="status"
      class="saved"
      hidden={saved === null}
      data-case={saved === null ? undefined : caseUrl(saved)}
    >
      {saved === null
        ? ""
        : saved.runId === runId
        ? `The review of ${readable(saved.caseId)} is saved.`
        : `The review of ${
          readable(saved.caseId)
        } in run ${saved.runId} is saved.`}
    </p>
  );
}
