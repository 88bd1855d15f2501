/** @module Pages over an index of a million cases. */
import { openCatalog } from "../../shared/catalog/open_catalog.ts";
import { caseDetail } from "../../shared/catalog/queries/case_detail.ts";
import {
  type CaseSort,
  caseSortSchema,
} from "../../shared/catalog/queries/case_order.ts";
import { cases } from "../../shared/catalog/queries/cases.ts";
import { compareRuns } from "../../shared/catalog/queries/compare_runs.ts";
import { dots } from "../../shared/catalog/queries/dots.ts";
import { overview } from "../../shared/catalog/queries/overview.ts";
import {
  type Among,
  reviewQueue,
  reviewQueueKindSchema,
} from "../../shared/catalog/queries/review_queue.ts";
import { runs } from "../../shared/catalog/queries/runs.ts";
import { trend } from "../../shared/catalog/queries/trend.ts";
import { type Figure, load } from "./benchmark.ts";
import {
  caseIdOf,
  CASES_PER_RUN,
  DATASETS,
  runIdOf,
  RUNS,
} from "./large_home.ts";

const REPEATS = 100;

const CASES_PER_DATASET = RUNS * CASES_PER_RUN / DATASETS;

/** Lists of the cases of a dataset; `n` counts repeats, which look at other pages. */
const CASE_LISTS: readonly (readonly [
  string,
  (n: number) => Parameters<typeof cases>[2],
])[] = [
  ["worst first", () => ({})],
  ["worst first, anywhere", (n) => ({ page: { offset: anywhere(n) } })],
  [
    "by a column",
    (n) => ({ sort: { by: columnAt(n), direction: directionAt(n) } }),
  ],
  [
    "by a column, anywhere",
    (n) => ({
      sort: { by: columnAt(n), direction: directionAt(n) },
      page: { offset: anywhere(n), limit: 200 },
    }),
  ],
  ["searched", (n) => ({ filter: { search: `${n}` } })],
  [
    "searched, by a column, far down",
    (n) => ({
      filter: { search: "patient" },
      sort: { by: columnAt(n) },
      page: { offset: anywhere(n) },
    }),
  ],
  ["of an outcome", () => ({ filter: { outcome: "compared" } })],
  ["of a state", () => ({ filter: { state: "done" } })],
  ["not reviewed", () => ({ filter: { verdict: "none" } })],
];

const COLUMNS = caseSortSchema.shape.by.options;

function columnAt(n: number): CaseSort["by"] {
  return COLUMNS[n % COLUMNS.length]!;
}

function directionAt(n: number): CaseSort["direction"] {
  return n % 2 === 0 ? "descending" : "ascending";
}

/** A place in a list; its parts of the list come about equally often. */
function anywhere(n: number): number {
  return n * 7919 % (CASES_PER_DATASET - 200);
}

/** @param path of the index, of a large home */
export function measurePages(path: string): Figure[] {
  const catalog = openCatalog(path);
  const counted = catalog.get("SELECT count(*) AS n FROM cases");
  const about = `${counted?.n} cases, ${RUNS} runs`;
  const runAt = (n: number) => runIdOf(1 + n % (RUNS - 1));
  const one = (n: number) => ({
    dataset: `dataset${1 + n % DATASETS}`,
    checkpoint: `checkpoint${2 + n % 8}`,
  });
  const pages: [string, number, (n: number) => unknown][] = [
    [
      "overview, 50 rows",
      0.1,
      (n) => overview(catalog, { page: { offset: n % 900 } }),
    ],
    [
      "overview, 200 rows",
      0.1,
      (n) => overview(catalog, { page: { offset: n % 800, limit: 200 } }),
    ],
    ["overview, by Dice", 0.1, () => overview(catalog, { sort: "dice" })],
    ["runs", 0.1, (n) => runs(catalog, { page: { offset: n % 900 } })],
    [
      "cases of a run, worst first",
      0.05,
      (n) => cases(catalog, { runId: runAt(n) }),
    ],
    [
      "cases of a run, 200 far down by HD95",
      0.05,
      (n) =>
        cases(catalog, { runId: runAt(n) }, {
          sort: { by: "hd95Mm", direction: "descending" },
          page: { offset: 800, limit: 200 },
        }),
    ],
    [
      "cases of a run, searched",
      0.05,
      (n) =>
        cases(catalog, { runId: runAt(n) }, { filter: { search: `${n}` } }),
    ],
    [
      "cases of a dataset and checkpoint (5,000)",
      0.05,
      (n) => cases(catalog, one(n)),
    ],
    ...CASE_LISTS.map((
      [name, listing],
    ): [string, number, (n: number) => unknown] => [
      `cases of a dataset (50,000), ${name}`,
      0.05,
      (n) =>
        cases(
          catalog,
          { dataset: `dataset${1 + n % DATASETS}` },
          listing(n),
        ),
    ]),
    [
      "a case with its neighbours",
      0.05,
      (n) => caseDetail(catalog, runAt(n), caseIdOf(n)),
    ],
    [
      "a case of a dataset (50,000) with its neighbours",
      0.05,
      (n) =>
        caseDetail(catalog, runAt(n), caseIdOf(n), {
          scope: { dataset: `dataset${1 + (1 + n % (RUNS - 1)) % DATASETS}` },
          sort: { by: columnAt(n), direction: directionAt(n) },
        }),
    ],
    [
      "dots of a dataset and checkpoint (5,000)",
      0.1,
      (n) => dots(catalog, one(n), "dice"),
    ],
    [
      "dots of a dataset (50,000)",
      0.1,
      (n) => dots(catalog, { dataset: one(n).dataset }, "dice"),
    ],
    [
      "overview of a dataset",
      0.1,
      (n) => overview(catalog, { dataset: one(n).dataset }),
    ],
    [
      "overview of a checkpoint, searched",
      0.1,
      (n) =>
        overview(catalog, {
          checkpoint: one(n).checkpoint,
          search: `${n % DATASETS}`,
        }),
    ],
    [
      "trend of a dataset",
      0.1,
      (n) => trend(catalog, { dataset: one(n).dataset }),
    ],
    [
      "trend of a checkpoint",
      0.1,
      (n) => trend(catalog, { checkpoint: one(n).checkpoint }),
    ],
    [
      "two runs compared (1,000 cases)",
      0.1,
      (n) => compareRuns(catalog, runAt(n), runAt(n + 100)),
    ],
    [
      "review queue of all runs",
      0.05,
      () => reviewQueue(catalog, "lowestDice"),
    ],
    ...reviewQueueKindSchema.options.flatMap((kind) =>
      ([
        ["a dataset", (n) => ({ dataset: one(n).dataset })],
        ["a checkpoint", (n) => ({ checkpoint: one(n).checkpoint })],
        ["a dataset and checkpoint", one],
      ] satisfies [string, (n: number) => Among][]).map(
        ([name, among]): [string, number, (n: number) => unknown] => [
          `review queue of ${name}, ${kind}`,
          0.05,
          (n) => reviewQueue(catalog, kind, { among: among(n) }),
        ],
      )
    ),
  ];
  const figures = pages.map(([name, target, work]): Figure => ({
    name: `p95: ${name}`,
    value: p95Seconds(work),
    unit: "s",
    target,
    repeats: REPEATS,
    remark: `${about}, load ${load()}`,
  }));
  catalog.close();
  return figures;
}

function p95Seconds(work: (n: number) => unknown): number {
  const times = Array.from({ length: REPEATS }, (_, n) => {
    const startedAt = performance.now();
    work(n);
    return performance.now() - startedAt;
  }).sort((a, b) => a - b);
  return times[Math.ceil(0.95 * REPEATS) - 1]! / 1000;
}
