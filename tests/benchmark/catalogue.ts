/** @module The index of a home: pages over a million cases, a cold start, and making it anew from a folder. */
import { join } from "node:path";
import { createIndexer } from "../../shared/catalog/indexer.ts";
import {
  type Catalog,
  openCatalog,
} from "../../shared/catalog/open_catalog.ts";
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
import { FIGURES } from "../../shared/catalog/figures.ts";
import { mapParallel } from "../../shared/datasets/map_parallel.ts";
import { encodeRecord } from "../../shared/runs/record_io.ts";
import { FileStore } from "../../shared/storage/file_store.ts";
import { caseOf, resultOf, runOf } from "../support/runs.ts";
import type { Figure } from "./benchmark.ts";

export const RUNS = 1000;
const CASES_PER_RUN = 1000;
/** Runs of the folder that is indexed anew: 20,000 results. */
const INDEXED_RUNS = 20;
const REPEATS = 100;

/** Dataset, checkpoint and fold of a run: 20 x 10 x 5, so that each run stands for another row of the overview. */
const DATASETS = 20;
const FOLDS = 5;

/** Cold starts are measured in a process of their own. */
export async function catalogue(): Promise<Figure[]> {
  const folder = await Deno.makeTempDir({ prefix: "uptake-bench-" });
  try {
    const reindexed = await reindex(folder);
    const path = join(folder, "large.sqlite");
    await makeLarge(join(folder, "index.sqlite"), path);
    return [...reindexed, ...measurePages(path), await coldStart(path)];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Indexes a folder of runs anew, with nothing indexed before. */
async function reindex(folder: string): Promise<Figure[]> {
  const home = join(folder, "home");
  for (let run = 0; run < INDEXED_RUNS; run++) await writeRun(home, run);
  const catalog = openCatalog(join(folder, "index.sqlite"));
  const indexer = createIndexer({
    catalog,
    home: new FileStore(home),
    now: () => new Date(),
  });
  const longest = watchTurns();
  const startedAt = performance.now();
  const { recordsRead } = await indexer.refresh(new AbortController().signal);
  const seconds = (performance.now() - startedAt) / 1000;
  const blockedMs = longest();
  const again = performance.now();
  await indexer.refresh(new AbortController().signal);
  const againSeconds = (performance.now() - again) / 1000;
  catalog.close();
  const remark = `${recordsRead} records in a folder, load ${load()}`;
  return [
    {
      name: "index a folder anew",
      value: recordsRead / seconds,
      unit: "records/s",
      target: 2000,
      remark: `${remark}; more is better`,
    },
    {
      name: "index a folder anew: longest time that others wait",
      value: blockedMs / 1000,
      unit: "s",
      remark,
    },
    {
      name: "refresh an index that is up to date",
      value: againSeconds,
      unit: "s",
      remark,
    },
  ];
}

/** Measures the longest time between two turns of the event loop, in milliseconds, until the returned function is called. */
function watchTurns(): () => number {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

export function runIdOf(run: number): string {
  const time = new Date(Date.UTC(2026, 0, 1) + run * 60_000).toISOString();
  const text = time.replace(/\.\d+/, "").replace(/[-:]/g, "");
  return `${text}-${run.toString(16).padStart(6, "0")}`;
}

function caseIdOf(n: number): string {
  return `patient_${n.toString().padStart(5, "0")}`;
}

/** Writes records straight into files: the store would make each one durable. */
export async function writeRun(home: string, run: number): Promise<void> {
  const folder = join(home, "runs", runIdOf(run));
  await Deno.mkdir(join(folder, "results"), { recursive: true });
  const ids = Array.from({ length: CASES_PER_RUN }, (_, n) => caseIdOf(n));
  const write = (key: string, record: unknown) =>
    Deno.writeFile(join(folder, key), encodeRecord(record));
  await write(
    "run.json",
    runOf({ runId: runIdOf(run), cases: ids.map((id) => caseOf(id)) }),
  );
  await mapParallel(ids, 64, async (id) => {
    const n = ids.indexOf(id);
    const result = resultOf(id, "attempt", {
      runId: runIdOf(run),
      metrics: {
        labelled: true,
        unit: "SUV",
        classes: [classOf((n * 7919 + run * 104_729) % 1000 / 1000)],
      },
    });
    await write(`results/${id}.json`, result);
  });
}

/** Figures of a case with five lesions, which is what most have. */
function classOf(dice: number) {
  const lesion = (n: number) => ({
    volumeMl: 5 - n + dice,
    centroidVoxel: [96.25 + n, 80.5, 203.75 - n] as [number, number, number],
    matched: n % 2 === 0,
  });
  const lesions = Array.from({ length: 5 }, (_, n) => lesion(n));
  return {
    name: "tumour",
    outcome: "compared" as const,
    volumeMl: 20 * dice + 1,
    referenceVolumeMl: 21,
    dice,
    iou: dice / (2 - dice),
    rvd: 1 - dice,
    sensitivity: dice,
    precision: dice,
    hd95Mm: 40 * (1 - dice),
    hdMm: 60 * (1 - dice),
    assdMm: 8 * (1 - dice),
    nsd2mm: dice,
    lesions: {
      referenceCount: 5,
      predictedCount: 5,
      recall: 0.6,
      precision: 0.6,
      falsePositiveMl: 1.5,
      falseNegativeMl: 2.5,
      reference: lesions,
      predicted: lesions,
    },
    pet: {
      mtvMl: 20 * dice + 1,
      suvMax: 12.5,
      suvMean: 6.25,
      suvPeak: 11.5,
      tlgSuvMl: 125,
    },
  };
}

/** Copies the rows of one indexed run until there are a million, each run with figures of its own. */
export async function makeLarge(from: string, path: string): Promise<void> {
  await Deno.copyFile(from, path);
  const catalog = openCatalog(path);
  const [template] = catalog.all("SELECT id FROM runs ORDER BY id LIMIT 1");
  const id = Number(template?.id);
  for (const table of ["cases", "groups"]) {
    catalog.run(`DELETE FROM ${table} WHERE runId != ?`, id);
  }
  for (const table of ["caseFiles", "measures"]) {
    catalog.run(
      `DELETE FROM ${table} WHERE caseRow NOT IN (SELECT id FROM cases)`,
    );
  }
  catalog.run("DELETE FROM runs WHERE id != ?", id);
  for (const table of ["datasets", "datasetNames", "checkpoints"]) {
    catalog.run(`DELETE FROM ${table}`);
  }
  const first = catalog.get("SELECT min(id) AS id FROM cases")?.id;
  for (let run = 1; run < RUNS; run++) {
    copyRun(catalog, id, Number(first), run);
  }
  catalog.run("ANALYZE");
  catalog.run("PRAGMA wal_checkpoint(TRUNCATE)");
  catalog.close();
}

function copyRun(
  catalog: Catalog,
  template: number,
  firstCase: number,
  run: number,
): void {
  const dataset = 1 + run % DATASETS;
  const fold = Math.floor(run / DATASETS) % FOLDS;
  const checkpoint = 1 + Math.floor(run / (DATASETS * FOLDS));
  const id = template + run;
  const shift = run * CASES_PER_RUN;
  const others = (table: string, ...own: string[]) =>
    catalog.all(`SELECT name FROM pragma_table_info('${table}')`)
      .map(({ name }) => String(name)).filter((name) => !own.includes(name));
  const copy = (
    table: string,
    own: Record<string, string | number>,
    where: string,
  ) => {
    const rest = others(table, ...Object.keys(own));
    catalog.run(
      `INSERT INTO ${table} (${[...Object.keys(own), ...rest].join(", ")})
       SELECT ${
        [...Object.values(own), ...rest].join(", ")
      } FROM ${table} WHERE ${where}`,
    );
  };
  const ofCases = `caseRow BETWEEN ${firstCase} AND ${
    firstCase + CASES_PER_RUN - 1
  }`;
  const perturbed = Object.fromEntries(
    FIGURES.map((
      name,
    ) => [name, `${name} * (0.5 + (abs(random()) % 1000) / 2000.0)`]),
  );
  catalog.transaction(() => {
    catalog.run(
      `INSERT INTO datasets (id, key, name, location, namedAt) VALUES (?, ?, ?, ?, '2026-01-01T00:00:00.000Z')
       ON CONFLICT DO NOTHING`,
      dataset,
      `dataset${dataset}`,
      `dataset ${dataset}`,
      `s3://scans/${dataset}`,
    );
    catalog.run(
      "INSERT OR IGNORE INTO datasetNames VALUES (?, ?)",
      dataset,
      `dataset ${dataset}`,
    );
    catalog.run(
      "INSERT INTO checkpoints (id, key, kind, name) VALUES (?, ?, 'checkpoint', ?) ON CONFLICT DO NOTHING",
      checkpoint,
      `checkpoint${checkpoint}`,
      `checkpoint ${checkpoint}`,
    );
    const place = { datasetId: dataset, checkpointId: checkpoint, fold };
    copy("runs", {
      id,
      folder: `'${runIdOf(run)}'`,
      recordId: `'${runIdOf(run)}'`,
      isFinished: 1,
      datasetName: `'dataset ${dataset}'`,
      ...place,
    }, `id = ${template}`);
    copy(
      "cases",
      { id: `id + ${shift}`, runId: id, fold },
      `runId = ${template}`,
    );
    copy("caseFiles", { caseRow: `caseRow + ${shift}` }, ofCases);
    copy("measures", {
      id: `id + ${shift}`,
      caseRow: `caseRow + ${shift}`,
      ...perturbed,
    }, ofCases);
    catalog.run(
      `UPDATE cases SET worstDice = m.dice, worstVolumeErrorMl = m.volumeErrorMl
       FROM measures m WHERE m.caseRow = cases.id AND cases.runId = ?`,
      id,
    );
    copy(
      "groups",
      { runId: id, isCurrent: 1, ...place },
      `runId = ${template}`,
    );
  });
}

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

function measurePages(path: string): Figure[] {
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

async function coldStart(path: string): Promise<Figure> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.filename ?? "", path],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("Cannot open the index in another process");
  return {
    name: "cold start with an index: open it, first overview",
    value: JSON.parse(new TextDecoder().decode(stdout)).seconds,
    unit: "s",
    target: 1,
    remark: `${(Deno.statSync(path).size / 1e6).toFixed(0)} MB, load ${load()}`,
  };
}

function load(): string {
  return Deno.loadavg()[0]!.toFixed(1);
}

if (import.meta.main) {
  const startedAt = performance.now();
  const catalog = openCatalog(Deno.args[0]!);
  overview(catalog);
  console.log(
    JSON.stringify({ seconds: (performance.now() - startedAt) / 1000 }),
  );
}
