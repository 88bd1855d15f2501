/** @module What of the home cannot be shown, why, and how old what is shown is. */
import { z } from "zod";
import type { Catalog } from "../../shared/catalog/open_catalog.ts";
import { damagedCases } from "../../shared/catalog/queries/damaged.ts";
import {
  type Diagnostic,
  diagnosticListingSchema,
  diagnostics,
} from "../../shared/catalog/queries/diagnostics.ts";
import { caseOfResult, parseFailureKey } from "../../shared/runs/keys.ts";
import type { DashboardDeps } from "../deps.ts";
import { type Route, route } from "../security/access.ts";
import { ageText } from "../views/age_text.ts";
import { page } from "../views/layout.tsx";
import {
  address,
  Choice,
  code,
  Facts,
  Filters,
  Pager,
  Search,
  SortHead,
} from "../views/list.tsx";
import { Empty } from "../views/message.tsx";
import { casePath } from "../views/run_cases.tsx";
import { Name } from "../views/name.tsx";
import { readable } from "../views/names.ts";
import { timeText, whole } from "../views/numbers.ts";
import { pageAt, pageNumberSchema, queryOf } from "./query.ts";

const querySchema = z.object({
  ...diagnosticListingSchema.shape,
  page: pageNumberSchema,
});

type Listing = z.infer<typeof diagnosticListingSchema>;

export function diagnosticsRoutes(deps: DashboardDeps): Route[] {
  return [
    route(
      "GET",
      "/diagnostics",
      { role: "viewer", rate: "light", audit: "view" },
      (c) => {
        const { page: number, ...listing } = queryOf(c, querySchema);
        const { runId, kind, search } = listing;
        const { items, total } = diagnostics(deps.catalog, {
          ...listing,
          page: pageAt(number),
        });
        const ofAll = diagnostics(deps.catalog, { page: { limit: 1 } }).total;
        const isNarrowed = kind !== undefined || search !== undefined;
        const { indexedAt, failure } = deps.freshness.state();
        return page(
          c,
          deps,
          { title: "Diagnostics", section: "/diagnostics" },
          <>
            <section class="card">
              <h2>Index</h2>
              <Facts
                isWide
                facts={[
                  ["Home", code(deps.home.location)],
                  ["State", ageText(indexedAt, failure !== null, deps.now())],
                  [
                    "Last matched the store (UTC)",
                    timeText(indexedAt?.toISOString()),
                  ],
                  ["Records not understood", whole(ofAll)],
                ]}
              />
              {failure !== null && <p class="bad">{failure}</p>}
            </section>
            <section class="part">
              <h2>Records that are not shown</h2>
              <p class="muted">
                Finished runs are not looked at again until somebody opens their
                pages: what broke in one since then is listed only after that.
              </p>
              {runId !== undefined && (
                <p class="muted">
                  Those of the run <a href={`/runs/${runId}`}>{runId}</a>.{" "}
                  <a href="/diagnostics">Show all</a>
                </p>
              )}
              {(total > 0 || isNarrowed) && <RecordFilters listing={listing} />}
              {total === 0 && isNarrowed
                ? (
                  <Empty title="No record matches">
                    <p>
                      <a href={address("/diagnostics", { runId })}>
                        Show all records
                      </a>
                    </p>
                  </Empty>
                )
                : total === 0
                ? (
                  <Empty title="Every record that was read is understood">
                    <p>
                      Damaged records and files that are none of a run's would
                      be listed here.
                    </p>
                  </Empty>
                )
                : (
                  <>
                    <RecordTable
                      items={items}
                      damaged={damagedIn(deps.catalog, items)}
                      listing={listing}
                    />
                    <Pager
                      path="/diagnostics"
                      query={listing}
                      page={number}
                      total={total}
                      one="record"
                    />
                  </>
                )}
            </section>
          </>,
        );
      },
    ),
  ];
}

const KINDS = [
  { value: "", name: "All" },
  { value: "result", name: "Results" },
  { value: "failure", name: "Failures" },
  { value: "review", name: "Reviews" },
  { value: "plan", name: "Plans of runs" },
  { value: "other", name: "Others of runs" },
  { value: "home", name: "The home's own" },
] as const;

function RecordFilters({ listing }: { listing: Listing }) {
  const { runId, kind, search, sort, direction } = listing;
  return (
    <Filters
      path={address("/diagnostics", { runId })}
      keep={{ runId, sort, direction }}
    >
      <Search value={search} label="Search" placeholder="Key or reason" />
      <Choice name="kind" label="Kind" value={kind} options={KINDS} />
    </Filters>
  );
}

function RecordTable({ items, damaged, listing }: {
  items: readonly Diagnostic[];
  damaged: ReadonlySet<string>;
  listing: Listing;
}) {
  const head = { path: "/diagnostics", query: listing, sorting: listing };
  return (
    <div class="table" tabindex={0} role="region" aria-label="Records">
      <table>
        <thead>
          <tr>
            <SortHead {...head} by="key" first="ascending" number={false}>
              Key
            </SortHead>
            <th scope="col">Of</th>
            <th scope="col">Why it is not shown</th>
            <SortHead {...head} by="seenAt" number={false}>
              Seen (UTC)
            </SortHead>
          </tr>
        </thead>
        <tbody>
          {items.map(({ key, runId, reason, seenAt }) => (
            <tr>
              <td class="name">
                <code>
                  <Name>{readable(key)}</Name>
                </code>
              </td>
              <td class="name">
                <Whose recordKey={key} runId={runId} damaged={damaged} />
              </td>
              <td>
                <p class="reason">{reason}</p>
              </td>
              <td class="time">{timeText(seenAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The run that a record lies in, or the case that it would tell of where the run has such a case. */
function Whose({ recordKey, runId, damaged }: {
  recordKey: string;
  runId: string | null;
  damaged: ReadonlySet<string>;
}) {
  if (runId === null) return <>The home</>;
  const name = recordKey.slice(`runs/${runId}/`.length);
  const caseId = caseOfResult(name) ?? parseFailureKey(name)?.caseId;
  return caseId !== undefined && damaged.has(`${runId} ${caseId}`)
    ? (
      <a href={casePath({ runId, caseId })}>
        <Name>{readable(caseId)}</Name>
      </a>
    )
    : <a href={`/runs/${runId}`}>The run</a>;
}

/** Of the runs that records lie in: `<run> <case>`. */
function damagedIn(
  catalog: Catalog,
  items: readonly Diagnostic[],
): Set<string> {
  const runIds = new Set(items.flatMap(({ runId }) => runId ?? []));
  return new Set(
    [...runIds].flatMap((runId) =>
      damagedCases(catalog, runId).map(({ caseId }) => `${runId} ${caseId}`)
    ),
  );
}
