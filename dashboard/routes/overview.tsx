/** @module The first page: every dataset, checkpoint and fold, with what came out. */
import { z } from "zod";
import type { Catalog } from "../../shared/catalog/open_catalog.ts";
import {
  distributedFigureSchema,
  distribution,
} from "../../shared/catalog/queries/distribution.ts";
import {
  overview,
  overviewOptionsSchema,
  type OverviewRow,
} from "../../shared/catalog/queries/overview.ts";
import { runRow } from "../../shared/catalog/queries/runs.ts";
import { trend } from "../../shared/catalog/queries/trend.ts";
import type { DashboardDeps } from "../deps.ts";
import { type Route, route } from "../security/access.ts";
import { DatasetSection } from "../views/dataset_section.tsx";
import { FirstRun } from "../views/first_run.tsx";
import { page } from "../views/layout.tsx";
import { Choice, Filters, Pager, Search } from "../views/list.tsx";
import { Empty } from "../views/message.tsx";
import { UnlabelledSection } from "../views/unlabelled_section.tsx";
import { pageAt, pageNumberSchema, queryOf } from "./query.ts";

const querySchema = z.object({
  ...overviewOptionsSchema.shape,
  isLabelled: z.enum(["true", "false"]).optional(),
  page: pageNumberSchema,
});
type Query = z.infer<typeof querySchema>;

/** Trends and distributions are worked out of single runs and cases: of more, a link leads to them. */
const MOST_IN_DETAIL = 3;

export function overviewRoutes(deps: DashboardDeps): Route[] {
  return [
    route(
      "GET",
      "/",
      { role: "viewer", rate: "light", audit: "view" },
      (c) => {
        const query = queryOf(c, querySchema);
        const { page: number, isLabelled, ...options } = query;
        const { items, total } = overview(deps.catalog, {
          ...options,
          ...(isLabelled !== undefined &&
            { isLabelled: isLabelled === "true" }),
          page: pageAt(number),
        });
        const narrowed = [
          options.search,
          options.dataset,
          options.checkpoint,
          options.className,
          isLabelled,
        ].some((value) => value !== undefined);
        return page(
          c,
          deps,
          { title: "Overview", section: "/", scripts: ["overview.js"] },
          total === 0 && !narrowed
            ? <FirstRun title="No results yet" location={deps.home.location} />
            : (
              <>
                <OverviewFilters query={query} />
                {total === 0
                  ? (
                    <Empty title="Nothing matches">
                      <p>
                        <a href="/">Show all results</a>
                      </p>
                    </Empty>
                  )
                  : (
                    <>
                      <Sections catalog={deps.catalog} rows={items} />
                      <Pager
                        path="/"
                        query={{ ...options, isLabelled }}
                        page={number}
                        total={total}
                        one="result"
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

function OverviewFilters({ query }: { query: Query }) {
  return (
    <Filters
      path="/"
      keep={{
        dataset: query.dataset,
        checkpoint: query.checkpoint,
        className: query.className,
      }}
    >
      <Search
        value={query.search}
        label="Search"
        placeholder="Dataset or checkpoint"
      />
      <Choice
        name="isLabelled"
        label="Labels"
        value={query.isLabelled}
        options={[
          { value: "", name: "With and without" },
          { value: "true", name: "With labels" },
          { value: "false", name: "Without labels" },
        ]}
      />
      <Choice
        name="sort"
        label="Order"
        value={query.sort}
        options={[
          { value: "name", name: "By name" },
          { value: "dice", name: "Highest Dice first" },
          { value: "newest", name: "Newest first" },
        ]}
      />
    </Filters>
  );
}

/** A section per dataset with labels, and one per run that stands for cases without. */
function Sections(
  { catalog, rows }: { catalog: Catalog; rows: readonly OverviewRow[] },
) {
  const labelled = rows.filter(({ nLabelled }) => nLabelled > 0);
  const datasets = Map.groupBy(labelled, ({ dataset }) => dataset.key);
  const unlabelled = rows.filter(({ nLabelled }) => nLabelled === 0);
  return (
    <>
      {[...datasets.values()].map((own, n) => (
        <DatasetSection
          rows={own}
          trend={n < MOST_IN_DETAIL
            ? trend(catalog, {
              dataset: own[0]!.dataset.key,
              className: own[0]!.className,
            })
            : null}
        />
      ))}
      {unlabelled.map((row, n) => (
        <UnlabelledSection
          row={row}
          nReviewed={runRow(catalog, row.runId)?.nReviewed ?? 0}
          distributions={n < MOST_IN_DETAIL
            ? FIGURES.map((figure) => ({
              figure,
              ...distribution(catalog, scopeOf(row), figure),
            }))
            : null}
        />
      ))}
    </>
  );
}

const FIGURES = distributedFigureSchema.extract([
  "volumeMl",
  "mtvMl",
  "predictedLesions",
]).options;

function scopeOf({ dataset, checkpoint, fold, className }: OverviewRow) {
  return { dataset: dataset.key, checkpoint: checkpoint.key, fold, className };
}
