/** @module The cases with the lowest and the highest values of a figure: a sample may hold none of them. */
import { SUMMARISED, type SummarisedMetric } from "../../metrics/summary.ts";
import type { Figure } from "../figures.ts";
import type { Catalog, Row } from "../open_catalog.ts";
import { measureId } from "../schema.ts";
import { allOf, sql } from "./condition.ts";
import type { Source } from "./scope.ts";

/** What dots are made of, of cases `c`, runs `r`, checkpoints `k` and figures `m`. */
export function dotColumns(figure: Figure): string {
  return `c.id, r.folder AS runId, c.caseId, k.key AS checkpoint, c.fold, m.outcome, m.${figure} AS value`;
}

/** The rows of so many cases at each end: the lowest, and the highest. */
export function extremes(
  catalog: Catalog,
  source: Source,
  figure: Figure,
  most: number,
): Row[] {
  if (most < 1) return [];
  return (["ASC", "DESC"] as const).flatMap((way) =>
    isSummarised(figure)
      ? endOfGroups(catalog, source, figure, way, most)
      : endOfAll(catalog, source, figure, way, most)
  );
}

function isSummarised(figure: Figure): figure is SummarisedMetric {
  return (SUMMARISED as readonly Figure[]).includes(figure);
}

type Way = "ASC" | "DESC";

/** As groups know their own lowest and highest value, few of them are looked through, of however many cases. */
function endOfGroups(
  catalog: Catalog,
  { groups }: Source,
  figure: SummarisedMetric,
  way: Way,
  most: number,
): Row[] {
  const end = `json_extract(g.aggregate, '$.metrics.${figure}.${
    way === "ASC" ? "min" : "max"
  }')`;
  return catalog.all(
    `WITH ends AS MATERIALIZED (
       SELECT g.runId, g.fold, g.classIndex FROM groups g WHERE ${groups.text} AND ${end} IS NOT NULL
       ORDER BY ${end} ${way}, g.runId, g.fold LIMIT ?
     )
     SELECT ${dotColumns(figure)}
     FROM ends CROSS JOIN runs r ON r.id = ends.runId CROSS JOIN checkpoints k ON k.id = r.checkpointId
     CROSS JOIN cases c ON c.runId = ends.runId AND c.fold = ends.fold
     CROSS JOIN measures m ON m.id = ${measureId("c.id", "ends.classIndex")}
     WHERE m.${figure} IS NOT NULL ORDER BY value ${way}, c.caseId, r.folder LIMIT ?`,
    ...groups.values,
    most,
    most,
  );
}

function endOfAll(
  catalog: Catalog,
  { tables, condition }: Source,
  figure: Figure,
  way: Way,
  most: number,
): Row[] {
  const where = allOf([condition, sql(`m.${figure} IS NOT NULL`)]);
  return catalog.all(
    `SELECT ${dotColumns(figure)}
     FROM ${tables.text} JOIN checkpoints k ON k.id = r.checkpointId WHERE ${where.text}
     ORDER BY value ${way}, c.caseId, r.folder LIMIT ?`,
    ...tables.values,
    ...where.values,
    most,
  );
}
