/** @module A home of many runs: records in a folder, and an index of a million cases. */
import { join } from "node:path";
import {
  type Catalog,
  openCatalog,
} from "../../shared/catalog/open_catalog.ts";
import { FIGURES } from "../../shared/catalog/figures.ts";
import { mapParallel } from "../../shared/datasets/map_parallel.ts";
import { encodeRecord } from "../../shared/runs/record_io.ts";
import { caseOf, resultOf, runOf } from "../support/runs.ts";

export const RUNS = 1000;
export const CASES_PER_RUN = 1000;

/** Dataset, checkpoint and fold of a run: 20 x 10 x 5, so that each run stands for another row of the overview. */
export const DATASETS = 20;
const FOLDS = 5;

export function runIdOf(run: number): string {
  const time = new Date(Date.UTC(2026, 0, 1) + run * 60_000).toISOString();
  const text = time.replace(/\.\d+/, "").replace(/[-:]/g, "");
  return `${text}-${run.toString(16).padStart(6, "0")}`;
}

export function caseIdOf(n: number): string {
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
