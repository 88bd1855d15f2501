/** @module The list of runs. */
import { z } from "zod";
import {
  runListingSchema,
  type RunRow,
  runs,
} from "../../shared/catalog/queries/runs.ts";
import type { DashboardDeps } from "../deps.ts";
import { type Route, route } from "../security/access.ts";
import { FirstRun } from "../views/first_run.tsx";
import { page } from "../views/layout.tsx";
import {
  address,
  Choice,
  Filters,
  Pager,
  Search,
  SortHead,
} from "../views/list.tsx";
import { Empty } from "../views/message.tsx";
import { Name } from "../views/name.tsx";
import {
  checkpointName,
  datasetName,
  readable,
  shortRunId,
} from "../views/names.ts";
import { figureText, timeText, whole } from "../views/numbers.ts";
import { varyingText } from "../views/run_settings.ts";
import { meanSeenText } from "../views/seen_text.ts";
import { RunBadge } from "../views/state_badge.tsx";
import { pageAt, pageNumberSchema, queryOf } from "./query.ts";

const querySchema = z.object({
  ...runListingSchema.shape,
  page: pageNumberSchema,
});

const KINDS = [
  { value: "", name: "All" },
  { value: "segment", name: "Segmentations" },
  { value: "evaluate", name: "Evaluations of masks" },
] as const;

const STATES = [
  { value: "", name: "All" },
  { value: "open", name: "Open" },
  { value: "cancelled", name: "Cancelled" },
  { value: "finished", name: "Finished" },
] as const;

export function runsRoutes(deps: DashboardDeps): Route[] {
  return [
    route(
      "GET",
      "/runs",
      { role: "viewer", rate: "light", audit: "view" },
      (c) => {
        const { page: number, ...listing } = queryOf(c, querySchema);
        const { items, total } = runs(deps.catalog, {
          ...listing,
          page: pageAt(number),
        });
        const { kind, state, search, dataset, checkpoint } = listing;
        const { sort, direction } = listing;
        const narrowed = [kind, state, search, dataset, checkpoint]
          .some((value) => value !== undefined);
        const isEmpty = total === 0 && !narrowed;
        return page(
          c,
          deps,
          { title: "Runs", section: "/runs" },
          isEmpty
            ? <FirstRun title="No runs yet" location={deps.home.location} />
            : (
              <>
                <Filters
                  path="/runs"
                  keep={{ sort, direction, dataset, checkpoint }}
                >
                  <Search
                    value={search}
                    label="Search"
                    placeholder="Run, dataset or checkpoint"
                  />
                  <Choice
                    name="state"
                    label="State"
                    value={state}
                    options={STATES}
                  />
                  <Choice
                    name="kind"
                    label="Kind"
                    value={kind}
                    options={KINDS}
                  />
                </Filters>
                {total === 0
                  ? (
                    <Empty title="No run matches">
                      <p>
                        <a href="/runs">Show all runs</a>
                      </p>
                    </Empty>
                  )
                  : (
                    <>
                      <RunTable
                        rows={items}
                        query={listing}
                        sorting={{ sort, direction }}
                      />
                      <Pager
                        path="/runs"
                        query={listing}
                        page={number}
                        total={total}
                        one="run"
                      />
                    </>
                  )}
              </>
            ),
        );
      },
    ),
  ];
}

function RunTable({ rows, query, sorting }: {
  rows: readonly RunRow[];
  query: z.infer<typeof runListingSchema>;
  sorting: Pick<z.infer<typeof runListingSchema>, "sort" | "direction">;
}) {
  const head = { path: "/runs", query, sorting };
  return (
    <div class="table" tabindex={0} role="region" aria-label="Runs">
      <table>
        <thead>
          <tr>
            <SortHead {...head} by="createdAt" number={false}>
              Created (UTC)
            </SortHead>
            <th scope="col">Dataset</th>
            <th scope="col">Checkpoint</th>
            <th scope="col" class="number">Fold</th>
            <th scope="col">State</th>
            <SortHead {...head} by="nExpected">Cases</SortHead>
            <th scope="col" class="number">Done</th>
            <SortHead {...head} by="nFailed">Failed</SortHead>
            <SortHead {...head} by="meanDice">Mean Dice</SortHead>
            <th scope="col" class="number">Reviewed</th>
            <SortHead {...head} by="changedAt" number={false}>
              Changed (UTC)
            </SortHead>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              <th scope="row" class="name">
                <a href={`/runs/${row.runId}`} title={row.runId}>
                  <Name>{timeText(row.createdAt)}</Name>
                  <span class="below">
                    <Name>{shortRunId(row.runId)}</Name>
                  </span>
                </a>
              </th>
              <td class="name">
                <a
                  class="quiet"
                  href={address("/runs", { dataset: row.dataset.key })}
                  title={readable(row.dataset.location)}
                >
                  <Name>{datasetName(row.dataset)}</Name>
                </a>
              </td>
              <td class="name">
                <Name>{checkpointName(row.checkpoint)}</Name>
                <span class="below">{varyingText(row)}</span>
              </td>
              <td class="number">{row.fold ?? "all"}</td>
              <td>
                <RunBadge row={row} />
              </td>
              <td class="number">{whole(row.nExpected)}</td>
              <td class="number">{whole(row.nDone)}</td>
              <td class={row.nFailed > 0 ? "number bad" : "number"}>
                {whole(row.nFailed)}
              </td>
              <td class="number">
                {figureText("dice", row.meanDice)}
                {meanSeenText(row) !== null && (
                  <span class="below warn">{meanSeenText(row)}</span>
                )}
              </td>
              <td class="number">{whole(row.nReviewed)}</td>
              <td class="time">{timeText(row.changedAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
