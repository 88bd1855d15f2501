/** @module One dot per case, for charts. */
import { z } from "zod";
import { outcomeSchema } from "../../metrics/case_metrics.ts";
import { SUMMARISED } from "../../metrics/summary.ts";
import type { Figure } from "../figures.ts";
import type { Catalog, Row } from "../open_catalog.ts";
import { SAMPLE_KEYS } from "../sample_key.ts";
import { foldOf } from "./case_row.ts";
import { allOf, sql } from "./condition.ts";
import { type Scope, type Source, sourceOf } from "./scope.ts";

export const MOST_DOTS = 2000;

export const dotsSchema = z.strictObject({
  /** In order of their values. */
  dots: z.array(z.strictObject({
    runId: z.string(),
    caseId: z.string(),
    checkpoint: z.string(),
    fold: z.int().min(0).nullable(),
    outcome: outcomeSchema.nullable(),
    value: z.number(),
  })),
  /** Cases with a value: where there are more than dots, the dots are a random sample of them, of each checkpoint the same cases. */
  total: z.int().min(0),
  isSampled: z.boolean(),
});
export type Dots = z.infer<typeof dotsSchema>;

/**
 * The values of a figure, at most so many. A sample is drawn by the ids of cases: it favours no value, and the same
 * cases always give the same.
 */
export function dots(
  catalog: Catalog,
  scope: Scope,
  figure: Figure,
  most = MOST_DOTS,
): Dots {
  if (!Number.isInteger(most) || most < 1 || most > MOST_DOTS) {
    throw new RangeError(
      `Cannot show ${most} dots: a whole number from 1 to ${MOST_DOTS} is needed`,
    );
  }
  const source = sourceOf(catalog, scope);
  const { rows, found, isAll } = readSample(catalog, source, figure, most);
  const isSampled = found > rows.length;
  return dotsSchema.parse({
    dots: rows.map(({ found: _, ...row }) => ({
      ...row,
      fold: foldOf(row.fold),
    })),
    total: isAll
      ? found
      : Math.max(found, countValues(catalog, source, figure)),
    isSampled,
  });
}

/** More than the share of keys that should do, as keys fall by chance. */
const SPARE = 1.25;
/** Where too few of the cases have a value. */
const GROWTH = 4;

interface Sample {
  readonly rows: readonly Row[];
  /** Values among the keys that were read, of which there are more than rows where it is a sample. */
  readonly found: number;
  /** Whether all keys were read. */
  readonly isAll: boolean;
}

/** Reads the cases of as many keys as give enough values. */
function readSample(
  catalog: Catalog,
  source: Source,
  figure: Figure,
  most: number,
): Sample {
  const { text, values } = source.counted;
  const nCases = Number(catalog.get(text, ...values)?.total);
  for (let share = SPARE * most / nCases;; share *= GROWTH) {
    const isAll = share >= 1;
    const rows = readBelow(
      catalog,
      source,
      figure,
      isAll ? SAMPLE_KEYS : Math.floor(share * SAMPLE_KEYS),
      most,
    );
    const found = Number(rows[0]?.found ?? 0);
    if (isAll || found > most) return { rows, found, isAll };
  }
}

function readBelow(
  catalog: Catalog,
  { tables, condition }: Source,
  figure: Figure,
  key: number,
  most: number,
): Row[] {
  const where = allOf([
    condition,
    sql(`m.${figure} IS NOT NULL`),
    // All are found faster without the index.
    key < SAMPLE_KEYS ? sql("c.sampleKey < ?", key) : null,
  ]);
  return catalog.all(
    `SELECT * FROM (
       SELECT r.folder AS runId, c.caseId, k.key AS checkpoint, c.fold, m.outcome, m.${figure} AS value,
         count(*) OVER () AS found
       FROM ${tables.text} JOIN checkpoints k ON k.id = r.checkpointId WHERE ${where.text}
       ORDER BY c.sampleKey, c.caseId, r.folder LIMIT ?
     ) ORDER BY value, caseId, runId`,
    ...tables.values,
    ...where.values,
    most,
  );
}

const COUNTED: ReadonlySet<string> = new Set(SUMMARISED);

/** Cases with a value; of most figures they were counted when they were indexed. */
function countValues(
  catalog: Catalog,
  { tables, condition, groups }: Source,
  figure: Figure,
): number {
  const { text, values } = COUNTED.has(figure)
    ? {
      text:
        `SELECT total(json_extract(g.aggregate, '$.metrics.${figure}.nCounted')) AS n FROM groups g WHERE ${groups.text}`,
      values: groups.values,
    }
    : {
      text:
        `SELECT count(m.${figure}) AS n FROM ${tables.text} WHERE ${condition.text}`,
      values: [...tables.values, ...condition.values],
    };
  return Number(catalog.get(text, ...values)?.n);
}
