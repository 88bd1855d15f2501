/** @module One case: the viewer, its figures, its lesions, what reviewers said, and where it comes from. */
import type { CaseDetail } from "../../shared/catalog/queries/case_detail.ts";
import type { RunRow } from "../../shared/catalog/queries/runs.ts";
import { type Place } from "../cases/case_context.ts";
import type { FileStates } from "../cases/look_at_files.ts";
import { CaseStyles } from "./case_parts.tsx";
import { CaseFigures } from "./case_figures.tsx";
import { CaseReview } from "./case_review.tsx";
import { CaseViewer } from "./case_viewer.tsx";
import { FAILURE_SENTENCES } from "./failure_text.ts";
import { Facts } from "./list.tsx";
import { readable } from "./names.ts";
import { NONE, timeText, whole } from "./numbers.ts";
import { durationText } from "../../shared/units_text.ts";
import { CaseBadge, VerdictBadge } from "./state_badge.tsx";

export function CasePage(
  { styles, detail, run, classes, files, place, mayReview, saved }: {
    styles: string;
    detail: CaseDetail;
    run: RunRow;
    classes: readonly string[];
    files: FileStates;
    place: Place;
    mayReview: boolean;
    /** The case that was reviewed just before. */
    saved: string | undefined;
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
      <p id="saved" role="status" class="saved" hidden={saved === undefined}>
        {saved === undefined ? "" : `The review of ${saved} is saved.`}
      </p>
      {detail.failure !== null && (
        <section class="card failure">
          <h2>Why there is no mask</h2>
          <p class="bad">{detail.failure.message}</p>
          <p>{FAILURE_SENTENCES[detail.failure.kind]}</p>
        </section>
      )}
      <div class="case">
        <CaseViewer detail={detail} classes={classes} files={files} />
        <div class="case-side">
          <CaseReview
            detail={detail}
            place={place}
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
          ["Dataset", run.dataset.name],
          ["Checkpoint", run.checkpoint.name],
          ["Patient", patientId ?? NONE],
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
