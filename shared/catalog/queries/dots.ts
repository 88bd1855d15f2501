/** @module One dot per case, for charts. */
import { z } from "zod";
import { outcomeSchema } from "../../metrics/case_metrics.ts";
import { SUMMARISED } from "../../metrics/summary.ts";
import type { Figure } from "../figures.ts";
import type { Catalog, Row } from "../open_catalog.ts";
import { SAMPLE_KEYS } from "../sample_key.ts";
import { foldOf } from "./case_row.ts";
import { allOf, sql } from "./condition.ts";
import { dotColumns, extremes } from "./extremes.ts";
import { type Scope, type Source, sourceOf } from "./scope.ts";

export const MOST_DOTS = 2000;

const dotSchema = z.strictObject({
  runId: z.string(),
  caseId: z.string(),
  checkpoint: z.string(),
  fold: z.int().min(0).nullable(),
  outcome: outcomeSchema.nullable(),
  value: z.number(),
});

export const dotsSchema = z.strictObject({
  /** In order of their values. */
  dots: z.array(dotSchema),
  /**
   * Cases with a value: where there are more than dots, the dots are those of the lowest and highest values and a random
   * sample of the others, of each checkpoint the same cases.
   */
  total: z.int().min(0),
  isSampled: z.boolean(),
  /** So many of the lowest values have a dot beside the sample, and as many of the highest; 0 where it is none. */
  nAtEachEnd: z.int().min(0),
});
export type Dots = z.infer<typeof dotsSchema>;

/** Of so many dots one is kept for the lowest value, and one for the highest. */
const DOTS_PER_END = 200;

/**
 * The values of a figure, at most so many. A sample is drawn by the ids of cases: it favours no value, and the same
 * cases always give the same. The worst cases, which are looked for first, it may lack: the ends of all values stand
 * beside it.
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
  const nAtEachEnd = isSampled ? Math.floor(most / DOTS_PER_END) : 0;
  const ends = extremes(catalog, source, figure, nAtEachEnd);
  const chosen = new Map([...ends, ...rows].map((row) => [row.id, row]));
  return dotsSchema.parse({
    dots: [...chosen.values()].slice(0, most).map(dotOf).sort(byValue),
    total: isAll
      ? found
      : Math.max(found, countValues(catalog, source, figure)),
    isSampled,
    nAtEachEnd,
  });
}

type Dot = Dots["dots"][number];

function dotOf({ id: _id, found: _found, ...row }: Row): Dot {
  return dotSchema.parse({ ...row, fold: foldOf(row.fold) });
}

function byValue(a: Dot, b: Dot): number {
  return a.value - b.value || compareTexts(a.caseId, b.caseId) ||
    compareTexts(a.runId, b.runId);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** More than the share of keys that should do, as keys fall by chance. */
const SPARE = 1.25;
/** Where too few of the cases have a value. */
const GROWTH = 4;

interface Sample {
  /** Those of the lowest keys, in their order. */
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
    `SELECT ${dotColumns(figure)}, count(*) OVER () AS found
     FROM ${tables.text} JOIN checkpoints k ON k.id = r.checkpointId WHERE ${where.text}
     ORDER BY c.sampleKey, c.caseId, r.folder LIMIT ?`,
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
