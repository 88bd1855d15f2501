/** @module The list of a run's cases. */
import type { CaseRow } from "../../shared/catalog/queries/case_row.ts";
import type { Page } from "../../shared/catalog/queries/page.ts";
import type { RunRow } from "../../shared/catalog/queries/runs.ts";
import { casesUrl, type ListQuery } from "../cases/case_context.ts";
import type { SavedReview } from "../reviews/saved_review.ts";
import { CaseStyles } from "./case_parts.tsx";
import {
  CaseTable,
  LABELLED_FIGURES,
  UNLABELLED_FIGURES,
} from "./case_table.tsx";
import {
  address,
  Choice,
  Filters,
  Pager,
  type Query,
  Search,
} from "./list.tsx";
import { Empty } from "./message.tsx";
import { count, whole } from "./numbers.ts";
import { SavedNote } from "./saved_note.tsx";

const STATES = [
  { value: "", name: "Any" },
  { value: "done", name: "Done" },
  { value: "failed", name: "Failed" },
  { value: "damaged", name: "Damaged" },
  { value: "open", name: "Open" },
];
const OUTCOMES = [
  { value: "", name: "Any" },
  { value: "compared", name: "Tumour in both" },
  { value: "missed", name: "Missed" },
  { value: "falseAlarm", name: "False alarm" },
  { value: "bothEmpty", name: "No tumour" },
];
const VERDICTS = [
  { value: "", name: "Any" },
  { value: "none", name: "Not reviewed" },
  { value: "accept", name: "Accepted" },
  { value: "fix", name: "To be fixed" },
  { value: "reject", name: "Rejected" },
  { value: "disputed", name: "Reviewers differ" },
];

export function CaseList(
  { styles, run, classes, query, list, page, mayReview, saved }: {
    styles: string;
    run: RunRow;
    classes: readonly string[];
    query: ListQuery;
    list: Page<CaseRow>;
    page: number;
    mayReview: boolean;
    /** What was reviewed just before. */
    saved: SavedReview | null;
  },
) {
  const path = casesUrl(run.runId);
  const linkQuery: Query = { ...query };
  const figures = run.nLabelled > 0 ? LABELLED_FIGURES : UNLABELLED_FIGURES;
  const { sort, direction, ...filter } = query;
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <>
      <CaseStyles url={styles} />
      <nav aria-label="Where this is" class="crumbs">
        <a href="/runs">Runs</a>
        <a href={`/runs/${encodeURIComponent(run.runId)}`}>{run.runId}</a>
      </nav>
      <div class="row spread">
        <h1>Cases</h1>
        <div class="row">
          <span class="muted">
            {whole(run.nReviewed)} of {count(run.nDone, "case")} reviewed
          </span>
          {run.nReviewed > 0 && (
            <a
              class="button quiet"
              href={`/runs/${encodeURIComponent(run.runId)}/reviews.csv`}
              download
            >
              Reviews (CSV)
            </a>
          )}
          {mayReview && run.nDone > 0 && (
            <a
              class="button"
              href={address("/review", { run: run.runId })}
            >
              Review
            </a>
          )}
        </div>
      </div>
      <SavedNote saved={saved} runId={run.runId} />
      <Filters path={path} keep={{ sort, direction }}>
        <Search
          value={query.search}
          label="Search"
          placeholder="Case or patient"
        />
        <Choice
          name="state"
          label="State"
          value={query.state}
          options={STATES}
        />
        {run.nLabelled > 0 && (
          <Choice
            name="outcome"
            label="Outcome"
            value={query.outcome}
            options={OUTCOMES}
          />
        )}
        <Choice
          name="verdict"
          label="Review"
          value={query.verdict}
          options={VERDICTS}
        />
        {classes.length > 1 && (
          <Choice
            name="className"
            label="Class"
            value={query.className ?? classes[0]}
            options={classes.map((name) => ({ value: name, name }))}
          />
        )}
      </Filters>
      {list.items.length === 0
        ? (
          <Empty title={isFiltered ? "No such cases" : "No cases yet"}>
            <p>
              {isFiltered
                ? (
                  <>
                    No case of this run is like that.{" "}
                    <a href={path}>Show all cases</a>
                  </>
                )
                : "The run has no cases."}
            </p>
          </Empty>
        )
        : (
          <>
            <CaseTable
              cases={list.items}
              figures={figures}
              path={path}
              query={{ ...query }}
              linkQuery={linkQuery}
              sorting={{
                sort: sort ?? "worst",
                direction: direction ?? "ascending",
              }}
            />
            <Pager
              path={path}
              query={{ ...query }}
              page={page}
              total={list.total}
              one="case"
            />
          </>
        )}
    </>
  );
}
