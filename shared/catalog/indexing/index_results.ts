/** @module Takes the results of a run in, also those that were rewritten or are gone since: a case's row, and a row of figures for each of its classes. */
import type { CaseMetrics } from "../../metrics/case_metrics.ts";
import { observeClasses } from "../../metrics/summary.ts";
import { caseOfResult } from "../../runs/keys.ts";
import { type Result, resultSchema } from "../../runs/records.ts";
import { type Figure, FIGURES, type Figures } from "../figures.ts";
import type { Catalog } from "../open_catalog.ts";
import { measureId } from "../schema.ts";
import type { IndexContext } from "./context.ts";
import type { IndexedRun } from "./index_plan.ts";
import { type Found, readNew } from "./read_new.ts";
import { caseRow, ownKey, wrongOwner } from "./run_records.ts";
import { settleVerdict } from "./settle_verdict.ts";

/** @returns how many were new. */
export async function indexResults(
  context: IndexContext,
  run: IndexedRun,
  found: readonly Found[],
): Promise<number> {
  const { catalog } = context;
  const known = new Map(
    catalog.all(
      "SELECT caseId, resultVersion FROM cases WHERE runId = ? AND attempt IS NOT NULL",
      run.id,
    ).map(({ caseId, resultVersion }) => [String(caseId), resultVersion]),
  );
  const fresh: Found[] = [];
  for (const one of found) {
    const caseId = caseOfResult(ownKey(run, one.key));
    if (caseId === null) continue;
    if (known.get(caseId) !== one.version) fresh.push(one);
    known.delete(caseId);
  }
  // What is left was moved away: these cases are open again.
  catalog.transaction(() => {
    for (const caseId of known.keys()) forgetResult(catalog, run, caseId);
  });
  return await readNew(context, {
    folder: run.folder,
    found: fresh,
    schema: resultSchema,
    write: (result, { key, version }) =>
      wrongOwner(run, result, caseOfResult(ownKey(run, key))) ??
        wrongClasses(run, result.metrics) ??
        insertResult(catalog, run, result, version),
  });
}

/** Figures of a later version could be of classes that the plan does not name. */
function wrongClasses(
  { classes }: IndexedRun,
  metrics: CaseMetrics,
): string | null {
  const own = metrics.classes.map(({ name }) => name);
  return own.every((name, n) => name === classes[n])
    ? null
    : `It measures the classes ${own.join(", ")}, the run's are ${
      classes.join(", ")
    }`;
}

const COLUMNS = ["caseRow", "classIndex", "outcome", ...FIGURES];
const INSERT_MEASURES = `INSERT OR REPLACE INTO measures (id, ${
  COLUMNS.join(", ")
}) VALUES (${measureId("?1", "?2")}, ${
  COLUMNS.map((_, n) => `?${n + 1}`).join(", ")
})`;

/** Writes a case's result; returns why it cannot. To be called within a transaction. */
export function insertResult(
  catalog: Catalog,
  run: Pick<IndexedRun, "id">,
  { caseId, attempt, startedAt, endedAt, metrics, outputs }: Result,
  version: string,
): string | null {
  const row = caseRow(catalog, run, caseId);
  if (row === null) return "Its case is none of the run's";
  if (row.isMeasured) markStale(catalog, run);
  const classes = figuresOf(metrics);
  const [dice, diceClass] = worst(classes, "dice", (a, b) => a < b);
  const [error, errorClass] = worst(classes, "volumeErrorMl", (a, b) => a > b);
  catalog.run(
    `UPDATE cases SET state = 'done', damage = NULL, attempt = ?, resultVersion = ?, isLabelled = ?, endedAt = ?,
       seconds = ?, worstDice = ?, worstDiceClass = ?, worstVolumeErrorMl = ?, worstVolumeErrorClass = ?
     WHERE id = ?`,
    attempt,
    version,
    Number(metrics.labelled),
    endedAt,
    (Date.parse(endedAt) - Date.parse(startedAt)) / 1000,
    dice,
    diceClass,
    error,
    errorClass,
    row.id,
  );
  settleVerdict(catalog, row.id);
  catalog.run(
    "UPDATE caseFiles SET outputs = ? WHERE caseRow = ?",
    JSON.stringify(outputs),
    row.id,
  );
  classes.forEach(({ outcome, figures }, classIndex) =>
    catalog.run(
      INSERT_MEASURES,
      row.id,
      classIndex,
      outcome,
      ...FIGURES.map((name) => figures[name]),
    )
  );
  return null;
}

/** The worst value of a figure among the classes of a case, and the first class that has it; nulls where none has any. */
function worst(
  classes: ReturnType<typeof figuresOf>,
  figure: Figure,
  isWorse: (a: number, b: number) => boolean,
): [value: number | null, classIndex: number | null] {
  return classes.reduce<ReturnType<typeof worst>>(
    ([value, at], { figures }, classIndex) => {
      const own = figures[figure];
      return own !== null && (value === null || isWorse(own, value))
        ? [own, classIndex]
        : [value, at];
    },
    [null, null],
  );
}

/** Takes back what a result told that is damaged now, or was moved away. To be called within a transaction. */
export function forgetResult(
  catalog: Catalog,
  run: Pick<IndexedRun, "id">,
  caseId: string,
): void {
  const row = caseRow(catalog, run, caseId);
  if (row === null || !row.isMeasured) return;
  catalog.run(
    `UPDATE cases SET state = 'open', attempt = NULL, resultVersion = NULL, endedAt = NULL, seconds = NULL,
       isLabelled = (SELECT label IS NOT NULL FROM caseFiles WHERE caseRow = cases.id),
       worstDice = NULL, worstDiceClass = NULL, worstVolumeErrorMl = NULL, worstVolumeErrorClass = NULL
     WHERE id = ?`,
    row.id,
  );
  settleVerdict(catalog, row.id);
  catalog.run("UPDATE caseFiles SET outputs = NULL WHERE caseRow = ?", row.id);
  catalog.run("DELETE FROM measures WHERE caseRow = ?", row.id);
  markStale(catalog, run);
}

/** Figures have changed though no count need have. */
function markStale(catalog: Catalog, { id }: Pick<IndexedRun, "id">): void {
  catalog.run("UPDATE runs SET isStale = 1 WHERE id = ?", id);
}

/** What is kept of each class of a case. */
export function figuresOf(
  metrics: CaseMetrics,
): { readonly outcome: string | null; readonly figures: Figures }[] {
  return observeClasses(metrics).map(({ outcome, values }, n) => {
    const one = metrics.classes[n]!;
    const { volumeMl, referenceVolumeMl } = values;
    const more: Record<Exclude<Figure, keyof typeof values>, number | null> = {
      mtvMl: one.pet.mtvMl,
      predictedLesions: one.lesions.predictedCount,
      referenceLesions: metrics.labelled
        ? metrics.classes[n]!.lesions.referenceCount
        : null,
      volumeErrorMl: volumeMl === null || referenceVolumeMl === null
        ? null
        : Math.abs(volumeMl - referenceVolumeMl),
    };
    return { outcome, figures: { ...values, ...more } };
  });
}
