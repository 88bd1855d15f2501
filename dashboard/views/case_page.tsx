/** @module One case: the viewer, its figures, its lesions, what reviewers said, and where it comes from. */
import type { CaseDetail } from "../../shared/catalog/queries/case_detail.ts";
import type { RunRow } from "../../shared/catalog/queries/runs.ts";
import { type Place } from "../cases/case_context.ts";
import type { FileStates } from "../cases/look_at_files.ts";
import type { SavedReview } from "../reviews/saved_review.ts";
import { CaseStyles } from "./case_parts.tsx";
import { CaseFigures } from "./case_figures.tsx";
import { CaseReview } from "./case_review.tsx";
import { CaseViewer } from "./case_viewer.tsx";
import { FAILURE_SENTENCES } from "./failure_text.ts";
import { Facts } from "./list.tsx";
import { checkpointName, datasetName, readable } from "./names.ts";
import { NONE, timeText, whole } from "./numbers.ts";
import { durationText } from "../../shared/units_text.ts";
import { SavedNote } from "./saved_note.tsx";
import { CaseBadge, VerdictBadge } from "./state_badge.tsx";

export function CasePage(
  {
    styles,
    detail,
    run,
    classes,
    files,
    place,
    mayReview,
    saved,
    isAmongRuns,
  }: {
    styles: string;
    detail: CaseDetail;
    run: RunRow;
    classes: readonly string[];
    files: FileStates;
    place: Place;
    mayReview: boolean;
    /** What was reviewed just before. */
    saved: SavedReview | null;
    /** The cases before and after may be of other runs, and called the same. */
    isAmongRuns: boolean;
  },
) {
  const outcome = detail.classes[0]?.outcome ?? null;
  return (
    <>
      <CaseStyles url={styles} />
      <nav aria-label="Where this is" class="crumbs">
        <a href="/runs">Runs</a>
        <a href={`/runs/${encodeURIComponent(run.runId)}`}>{run.runId}</a>
        <a href={place.listUrl}>Cases</a>
      </nav>
      <div class="row spread case-head">
        <div class="row">
          <h1>{readable(detail.caseId)}</h1>
          {isAmongRuns && (
            <span class="muted">
              {`Run ${run.runId}, ${checkpointName(run.checkpoint)}`}
            </span>
          )}
          <CaseBadge row={{ state: detail.state, outcome }} />
          <VerdictBadge row={detail} />
        </div>
        <nav class="row" aria-label="Other cases">
          <span class="muted">
            {place.position === null
              ? `Not in the list (${place.name})`
              : `${whole(place.position)} of ${
                whole(place.total)
              }, ${place.name}`}
          </span>
          <Step url={place.previousUrl} rel="prev" name="Previous" key_="K" />
          <Step url={place.nextUrl} rel="next" name="Next" key_="J" />
        </nav>
      </div>
      <SavedNote saved={saved} runId={run.runId} />
      {detail.failure !== null && (
        <section class="card failure">
          <h2>Why there is no mask</h2>
          <p class="bad">{readable(detail.failure.message)}</p>
          <p>{FAILURE_SENTENCES[detail.failure.kind]}</p>
        </section>
      )}
      <div class="case">
        <CaseViewer detail={detail} classes={classes} files={files} />
        <div class="case-side">
          <CaseReview
            detail={detail}
            place={place}
            mask={files.mask}
            mayReview={mayReview}
          />
          <CaseFigures detail={detail} />
          <Provenance detail={detail} run={run} />
        </div>
      </div>
    </>
  );
}

function Step({ url, rel, name, key_ }: {
  url: string | null;
  rel: "prev" | "next";
  name: string;
  key_: string;
}) {
  return url === null
    ? <span class="button quiet off" aria-disabled="true">{name}</span>
    : (
      <a class="button quiet" rel={rel} href={url}>
        {name} <kbd>{key_}</kbd>
      </a>
    );
}

function Provenance({ detail, run }: { detail: CaseDetail; run: RunRow }) {
  const { patientId, fold, seconds, endedAt } = detail;
  return (
    <section class="card">
      <h2>Where it comes from</h2>
      <Facts
        facts={[
          ["Dataset", datasetName(run.dataset)],
          ["Checkpoint", checkpointName(run.checkpoint)],
          ["Patient", patientId === null ? NONE : readable(patientId)],
          ["Fold", fold === null ? NONE : String(fold)],
          ["Segmented (UTC)", timeText(endedAt)],
          ["Took", seconds === null ? NONE : durationText(seconds)],
        ]}
      />
      <p>
        <a href={`/runs/${encodeURIComponent(run.runId)}`}>
          Full provenance on the run's page
        </a>
      </p>
    </section>
  );
}
