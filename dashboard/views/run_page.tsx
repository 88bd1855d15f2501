/** @module The page of a run. */
import type { CaseRow } from "../../shared/catalog/queries/case_row.ts";
import type { Page } from "../../shared/catalog/queries/page.ts";
import type { RunDetail } from "../../shared/catalog/queries/run.ts";
import { currentWindows, type Progress } from "../progress/progress.ts";
import type { RunQuery } from "../routes/run_query.ts";
import { GroupTable } from "./group_table.tsx";
import { address, Choice, Filters, Pager, Search } from "./list.tsx";
import { Empty } from "./message.tsx";
import { checkpointName, datasetName, foldName } from "./names.ts";
import { timeText } from "./numbers.ts";
import { Provenance } from "./provenance.tsx";
import { RunActions, type WhatMayBeDone } from "./run_actions.tsx";
import { CaseTable } from "./run_cases.tsx";
import { RunProgress } from "./run_progress.tsx";

const TOLD = {
  retried:
    "The failed cases are open again, and a request to stop is taken back. Running workers take them up.",
  started: "What is open is worked on again: workers are starting.",
  reopened:
    "What had failed is open again, and a request to stop is taken back. Workers must be started for it.",
  cancelled:
    "The workers are asked to stop, and do so within seconds. What is done stays.",
  finished: "The run has finished: there is nothing to cancel.",
} as const;

/** What is over once the run is. */
const TOLD_UNTIL_END: readonly RunQuery["told"][] = [
  "retried",
  "started",
  "reopened",
];

export function RunPage({
  run,
  progress,
  query,
  cases,
  may,
}: {
  run: RunDetail;
  progress: Progress;
  query: RunQuery;
  cases: Page<CaseRow>;
  may: WhatMayBeDone;
}) {
  const path = `/runs/${run.runId}`;
  const { told, page, labelled: _, seen: __, ...list } = query;
  const isLive = run.state !== "finished";
  return (
    <>
      <p class="crumbs">
        <a href="/runs">Runs</a>
      </p>
      <div class="row spread">
        <h1>{datasetName(run.dataset)}</h1>
        <div class="row">
          <a
            class="button quiet"
            href={address("/compare", { after: run.runId })}
          >
            Compare
          </a>
          <a
            class="button quiet"
            href={`${path}/cases.csv`}
            title="For spreadsheets: text that one would take for a formula begins with an apostrophe"
            download
          >
            CSV
          </a>
          <a class="button quiet" href={`${path}/cases.json`} download>
            JSON
          </a>
        </div>
      </div>
      <p class="muted">
        {checkpointName(run.checkpoint)}
        {run.fold === null ? "" : ` · ${foldName(run.fold)}`} ·{" "}
        {timeText(run.createdAt)} UTC
      </p>
      {told !== undefined && (isLive || !TOLD_UNTIL_END.includes(told)) && (
        <p
          role="status"
          class="notice"
          data-until-end={TOLD_UNTIL_END.includes(told) ? "" : undefined}
        >
          {TOLD[told]}
        </p>
      )}
      <section class="card" aria-labelledby="progress-head">
        <div class="row spread">
          <h2 id="progress-head">Progress</h2>
          <span id="live" class="muted" role="status"></span>
        </div>
        <div
          id="progress"
          data-events={isLive
            ? address(`${path}/events`, {
              ...list,
              page,
              labelled: run.nLabelled > 0 ? "yes" : "no",
            })
            : undefined}
        >
          <RunProgress progress={progress} casesPath={path} />
        </div>
        <div id="actions">
          <RunActions run={run} progress={progress} may={may} />
        </div>
        {run.nDamagedRecords > 0 && (
          <p class="warn">
            {run.nDamagedRecords} of its records cannot be understood:{" "}
            <a href={address("/diagnostics", { runId: run.runId })}>see why</a>
          </p>
        )}
      </section>
      {run.groups.some(({ nLabelled, nDone }) => nLabelled > 0 && nDone > 0) &&
        (
          <section class="part" aria-labelledby="summary-head">
            <h2 id="summary-head">Summary</h2>
            <GroupTable
              rows={run.groups.map((group) => ({
                ...group,
                name: group.fold === null ? "All cases" : foldName(group.fold),
                href: null,
              }))}
              head="Fold"
              hasClasses={run.classes.length > 1}
            />
          </section>
        )}
      <section class="part" aria-labelledby="cases-head">
        <div class="row spread">
          <h2 id="cases-head">Cases</h2>
          <a href={`${path}/cases`}>Look at the masks</a>
        </div>
        <CaseFilters run={run} query={query} path={path} />
        {cases.total === 0
          ? (
            <Empty title="No case matches">
              <p>
                <a href={path}>Show all cases of the run</a>
              </p>
            </Empty>
          )
          : (
            <>
              <CaseTable
                rows={cases.items}
                isLabelled={run.nLabelled > 0}
                windows={currentWindows(progress)}
                path={path}
                query={list}
                sorting={list}
              />
              <Pager
                path={path}
                query={list}
                page={page}
                total={cases.total}
                one="case"
              />
            </>
          )}
      </section>
      <section class="card part" aria-labelledby="provenance-head">
        <h2 id="provenance-head">Provenance</h2>
        <Provenance run={run} />
      </section>
    </>
  );
}

function CaseFilters(
  { run, query, path }: { run: RunDetail; query: RunQuery; path: string },
) {
  const { sort, direction } = query;
  return (
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
        options={[
          { value: "", name: "All" },
          { value: "done", name: "Done" },
          { value: "failed", name: "Failed" },
          { value: "damaged", name: "Damaged" },
          { value: "open", name: "Open" },
        ]}
      />
      {run.nLabelled > 0 && (
        <Choice
          name="outcome"
          label="Outcome"
          value={query.outcome}
          options={[
            { value: "", name: "All" },
            { value: "compared", name: "Compared" },
            { value: "missed", name: "Missed" },
            { value: "falseAlarm", name: "False alarm" },
            { value: "bothEmpty", name: "No tumour" },
          ]}
        />
      )}
      <Choice
        name="verdict"
        label="Review"
        value={query.verdict}
        options={[
          { value: "", name: "All" },
          { value: "none", name: "Not reviewed" },
          { value: "accept", name: "Accepted" },
          { value: "fix", name: "To be fixed" },
          { value: "reject", name: "Rejected" },
          { value: "disputed", name: "Reviewers differ" },
        ]}
      />
      {run.classes.length > 1 && (
        <Choice
          name="className"
          label="Class"
          value={query.className ?? run.classes[0]}
          options={run.classes.map((name) => ({ value: name, name }))}
        />
      )}
    </Filters>
  );
}
