/** @module What of the home cannot be shown, why, and how old what is shown is. */
import { z } from "zod";
import type { Catalog } from "../../shared/catalog/open_catalog.ts";
import { damagedCases } from "../../shared/catalog/queries/damaged.ts";
import {
  type Diagnostic,
  diagnostics,
} from "../../shared/catalog/queries/diagnostics.ts";
import { caseOfResult, parseFailureKey } from "../../shared/runs/keys.ts";
import type { DashboardDeps } from "../deps.ts";
import { type Route, route } from "../security/access.ts";
import { ageText } from "../views/age_text.ts";
import { page } from "../views/layout.tsx";
import { code, Facts, Pager } from "../views/list.tsx";
import { Empty } from "../views/message.tsx";
import { casePath } from "../views/run_cases.tsx";
import { Name } from "../views/name.tsx";
import { readable } from "../views/names.ts";
import { timeText, whole } from "../views/numbers.ts";
import { pageAt, pageNumberSchema, queryOf } from "./query.ts";

const querySchema = z.object({
  runId: z.string().max(200).optional(),
  page: pageNumberSchema,
});

export function diagnosticsRoutes(deps: DashboardDeps): Route[] {
  return [
    route(
      "GET",
      "/diagnostics",
      { role: "viewer", rate: "light", audit: "view" },
      (c) => {
        const { runId, page: number } = queryOf(c, querySchema);
        const { items, total } = diagnostics(deps.catalog, {
          runId: runId ?? null,
          page: pageAt(number),
        });
        const { indexedAt, failure } = deps.freshness.state();
        return page(
          c,
          deps,
          { title: "Diagnostics", section: "/diagnostics" },
          <>
            <section class="card">
              <h2>Index</h2>
              <Facts
                facts={[
                  ["Home", code(deps.home.location)],
                  ["State", ageText(indexedAt, failure !== null, deps.now())],
                  [
                    "Last matched the store (UTC)",
                    timeText(indexedAt?.toISOString()),
                  ],
                  ["Records not understood", whole(total)],
                ]}
              />
              {failure !== null && <p class="bad">{failure}</p>}
            </section>
            <section class="part">
              <h2>Records that are not shown</h2>
              {runId !== undefined && (
                <p class="muted">
                  Those of the run <a href={`/runs/${runId}`}>{runId}</a>.{" "}
                  <a href="/diagnostics">Show all</a>
                </p>
              )}
              {total === 0
                ? (
                  <Empty title="Every record is understood">
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
                    />
                    <Pager
                      path="/diagnostics"
                      query={{ runId }}
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

function RecordTable({ items, damaged }: {
  items: readonly Diagnostic[];
  damaged: ReadonlySet<string>;
}) {
  return (
    <div class="table" tabindex={0} role="region" aria-label="Records">
      <table>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Of</th>
            <th scope="col">Why it is not shown</th>
            <th scope="col">Seen (UTC)</th>
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
