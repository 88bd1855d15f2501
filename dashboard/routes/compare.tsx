/** @module Two runs on the same cases: which is better, how surely, and whom it harms. */
import { z } from "zod";
import type { Catalog } from "../../shared/catalog/open_catalog.ts";
import {
  comparedTrainedOn,
  compareOptionsSchema,
} from "../../shared/catalog/queries/compare_runs.ts";
import {
  overview,
  type OverviewRow,
} from "../../shared/catalog/queries/overview.ts";
import { MOST_PER_PAGE } from "../../shared/catalog/queries/page.ts";
import {
  type RunRow,
  runRow,
  runs,
} from "../../shared/catalog/queries/runs.ts";
import type { Comparison } from "../../shared/metrics/compare.ts";
import type { CompareRuns } from "../comparison/run_comparer.ts";
import type { DashboardDeps } from "../deps.ts";
import { type Route, route } from "../security/access.ts";
import { ComparisonView } from "../views/comparison.tsx";
import {
  type DifferenceListing,
  differenceListingSchema,
} from "../views/difference_table.tsx";
import {
  type ComparedSides,
  ComparisonSides,
} from "../views/comparison_sides.tsx";
import { SeenNotice } from "../views/compared_seen.tsx";
import { page } from "../views/layout.tsx";
import { Choice } from "../views/list.tsx";
import { Empty } from "../views/message.tsx";
import { Name } from "../views/name.tsx";
import {
  checkpointName,
  datasetName,
  foldName,
  readable,
  shortRunId,
} from "../views/names.ts";
import { figureText, timeText } from "../views/numbers.ts";
import { varyingText } from "../views/run_settings.ts";
import { pageNumberSchema, queryOf } from "./query.ts";

const querySchema = z.object({
  before: z.string().max(200).optional(),
  after: z.string().max(200).optional(),
  ...compareOptionsSchema.shape,
  ...differenceListingSchema.shape,
  page: pageNumberSchema,
});

export function compareRoutes(
  deps: DashboardDeps,
  compare: CompareRuns,
): Route[] {
  const { catalog } = deps;
  return [
    route(
      "GET",
      "/compare",
      { role: "viewer", rate: "heavy", audit: "view" },
      async (c) => {
        const { before, after, leaveOut, page: number, ...listing } = queryOf(
          c,
          querySchema,
        );
        const first = before === undefined ? null : runRow(catalog, before);
        const second = after === undefined ? null : runRow(catalog, after);
        const choices = comparableRuns(catalog, [first, second]);
        const compared = first === null || second === null
          ? null
          : await orProblem(() =>
            compare(first.runId, second.runId, { leaveOut })
          );
        const unknown = [
          ...(first === null ? [before] : []),
          ...(second === null ? [after] : []),
        ].filter((runId) => runId !== undefined);
        return page(
          c,
          deps,
          { title: "Compare", section: "/compare" },
          choices.length < 2
            ? (
              <Empty title="Nothing to compare yet">
                <p>
                  Two runs over the same labelled cases can be compared: segment
                  a dataset that has labels with two checkpoints.
                </p>
              </Empty>
            )
            : (
              <>
                <Form
                  choices={choices}
                  before={first}
                  after={second}
                  leaveOut={leaveOut}
                />
                {unknown.map((runId) => (
                  <p key={runId} class="warn">
                    There is no run{" "}
                    <Name>{readable(runId)}</Name>: choose another one.
                  </p>
                ))}
                {first !== null && second !== null && compared !== null
                  ? (
                    <>
                      <ComparedCases
                        compared={compared}
                        before={first}
                        after={second}
                        leaveOut={leaveOut}
                        trainedOn={trainedOnOf(catalog, first, second)}
                        page={number}
                        listing={listing}
                      />
                      <ComparisonSides before={first} after={second} />
                    </>
                  )
                  : (
                    <p class="muted">
                      Choose two runs over the same cases: each case of the one
                      is compared with the same case of the other.
                    </p>
                  )}
              </>
            ),
        );
      },
    ),
  ];
}

/** Runs over labelled cases: the newest ones, those that stand for a dataset and checkpoint, and those asked for. */
function comparableRuns(
  catalog: Catalog,
  asked: readonly (RunRow | null)[],
): RunRow[] {
  const limit = MOST_PER_PAGE;
  const current = overview(catalog, {
    isLabelled: true,
    sort: "newest",
    page: { limit },
  }).items.map(({ runId }: OverviewRow) => runId);
  const newest = runs(catalog, { page: { limit } }).items
    .filter(({ nLabelled }) => nLabelled > 0);
  const rows = new Map(newest.map((row) => [row.runId, row]));
  for (const runId of current) {
    const row = rows.get(runId) ?? runRow(catalog, runId);
    if (row !== null) rows.set(runId, row);
  }
  for (const row of asked) if (row !== null) rows.set(row.runId, row);
  return [...rows.values()].sort((a, b) =>
    compareTexts(datasetName(a.dataset), datasetName(b.dataset)) ||
    compareTexts(b.createdAt, a.createdAt)
  );
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Most runs are over cases that no checkpoint was trained on: nothing is looked up of them. */
function trainedOnOf(
  catalog: Catalog,
  before: RunRow,
  after: RunRow,
): ReadonlySet<string> {
  return before.nTrainedOn + after.nTrainedOn === 0
    ? new Set()
    : new Set(comparedTrainedOn(catalog, before.runId, after.runId));
}

function Form({ choices, before, after, leaveOut }: {
  choices: readonly RunRow[];
  before: RunRow | null;
  after: RunRow | null;
  leaveOut: ComparedSides["leaveOut"];
}) {
  const options = [
    { value: "", name: "Choose a run" },
    ...choices.map((row) => ({
      value: row.runId,
      name: nameOf(row),
      group: datasetName(row.dataset),
    })),
  ];
  return (
    <form method="get" action="/compare" class="card">
      <div class="pair">
        <Choice
          name="before"
          label="Before"
          value={before?.runId}
          options={options}
        />
        <Choice
          name="after"
          label="After"
          value={after?.runId}
          options={options}
        />
      </div>
      {leaveOut !== undefined && (
        <input type="hidden" name="leaveOut" value={leaveOut} />
      )}
      <button type="submit" class="button">Compare</button>
    </form>
  );
}

/** Where a list is cut off, what tells runs apart is still seen: that comes before what they share. */
function nameOf(row: RunRow): string {
  return [
    checkpointName(row.checkpoint),
    row.fold === null ? "" : foldName(row.fold),
    timeText(row.createdAt),
    varyingText(row),
    row.meanDice === null ? "" : `Dice ${figureText("dice", row.meanDice)}`,
    `run ${shortRunId(row.runId)}`,
  ].filter((part) => part !== "").join(" · ");
}

type Compared = { readonly comparison: Comparison | null } | {
  readonly problem: string;
};

async function orProblem(
  compare: () => Promise<Comparison | null>,
): Promise<Compared> {
  try {
    return { comparison: await compare() };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { problem: error.message };
  }
}

function ComparedCases(
  { compared, page, listing, ...sides }: ComparedSides & {
    compared: Compared;
    page: number;
    listing: DifferenceListing;
  },
) {
  if ("problem" in compared) return <p class="bad part">{compared.problem}.</p>;
  const shared = compared.comparison?.classes.filter(({ n }) => n > 0) ?? [];
  const seen = <SeenNotice {...sides} />;
  if (shared.length === 0) {
    return sides.leaveOut !== undefined && sides.trainedOn.size > 0
      ? (
        <>
          {seen}
          <p class="muted">The runs share no other labelled case.</p>
        </>
      )
      : (
        <Empty title="The runs share no labelled case">
          <p>Choose two runs over the same dataset.</p>
        </Empty>
      );
  }
  return (
    <>
      {seen}
      <ComparisonView
        classes={shared}
        page={page}
        listing={listing}
        {...sides}
      />
    </>
  );
}
