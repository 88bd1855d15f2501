/** @module What lists of cases and the page of one have in common. */
import type { CaseRow } from "../../shared/catalog/queries/case_row.ts";
import { caseFileUrl } from "../routes/case_files.ts";
import { CASE_SEEN_TEXTS } from "./seen_text.ts";

/** Sheets of the pages on which cases are looked at. */
export function CaseStyles({ url }: { url: string }) {
  return <link rel="stylesheet" href={url} />;
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

/**
 * Says that figures are of a case which the checkpoint was trained on. Without a label nothing is judged, so that a
 * doubt says nothing.
 */
export function CaseSeenMark(
  { row: { seen, state, isLabelled } }: {
    row: Pick<CaseRow, "seen" | "state" | "isLabelled">;
  },
) {
  const isTold = state === "done" && (isLabelled || seen !== "maybe");
  const text = isTold ? CASE_SEEN_TEXTS[seen] : null;
  return text === null ? null : <span class="below warn">{text}</span>;
}
