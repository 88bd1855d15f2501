/**
 * Metrics summarised over cases, a row per group of cases. No mean stands alone: its spread, its interval, how
 * many cases it counts and how many it leaves out stand with it.
 * @module
 */
import type { Child } from "hono/jsx";
import type { Aggregate, Spread } from "../../shared/catalog/aggregate.ts";
import type { OverviewRow } from "../../shared/catalog/queries/overview.ts";
import type { SummarisedMetric } from "../../shared/metrics/summary.ts";
import { Name } from "./name.tsx";
import { readable } from "./names.ts";
import { count, digits, FIGURE_TEXTS, NONE, whole } from "./numbers.ts";
import { SEEN_TEXTS } from "./seen_text.ts";

export interface GroupRow {
  readonly name: string;
  /** Where the name leads to. */
  readonly href: string | null;
  /** Which run the figures are of, where the name does not tell it. */
  readonly run?: string;
  readonly className: string;
  readonly nExpected: number;
  readonly nDone: number;
  readonly nFailed: number;
  readonly nDamaged: number;
  readonly aggregate: Aggregate;
  readonly seen: OverviewRow["seen"];
}

/** The metrics shown, in this order. */
export const GROUP_METRICS: readonly SummarisedMetric[] = [
  "dice",
  "hd95Mm",
  "assdMm",
  "rvd",
  "lesionRecall",
  "lesionPrecision",
  "falsePositiveMl",
  "falseNegativeMl",
];

export function GroupTable({ rows, head, hasClasses, label = "Results" }: {
  rows: readonly GroupRow[];
  /** What a row is. */
  head: string;
  hasClasses: boolean;
  label?: string;
}) {
  const columns = columnsOf(rows);
  return (
    <>
      <p class="table-note">
        Mean ± standard deviation, 95 % bootstrap interval of the mean, and n
        counted (excluded: the metric is undefined there)
      </p>
      <LesionNote />
      <div class="table" tabindex={0} role="region" aria-label={label}>
        <table class="groups">
          <thead>
            <tr>
              <th scope="col">{head}</th>
              {hasClasses && <th scope="col">Class</th>}
              <th scope="col" class="number">Cases</th>
              {columns.map(({ name, unit }) => (
                <th scope="col" class="number">
                  {name}
                  {unit !== null && <span class="unit">{` (${unit})`}</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr>
                <th scope="row">
                  {row.href === null
                    ? <Name>{row.name}</Name>
                    : (
                      <a href={row.href}>
                        <Name>{row.name}</Name>
                        {row.run !== undefined && (
                          <span class="below">{row.run}</span>
                        )}
                      </a>
                    )}
                  <SeenMark seen={row.seen} />
                </th>
                {hasClasses && <td>{readable(row.className)}</td>}
                <CoverageCell of={row}>
                  <Outcomes of={row.aggregate} />
                </CoverageCell>
                {columns.map(({ metric, spreadOf }) => (
                  <SpreadCell
                    metric={metric}
                    spread={spreadOf(row.aggregate)}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** What the figures of lesions count. */
export function LesionNote() {
  return (
    <p class="table-note">
      A lesion counts as found where mask and label share one voxel; volumes of
      missed and false lesions are of whole lesions without any, not of what
      else the mask misses or adds. |RVD| is the absolute relative volume
      difference.
    </p>
  );
}

/** Says that figures are of cases which the checkpoint was trained on: they tell what it remembers. */
export function SeenMark({ seen }: Pick<GroupRow, "seen">) {
  const text = SEEN_TEXTS[seen];
  return text === null ? null : <span class="below warn">{text}</span>;
}

/** How many cases figures are of, and why not of all. */
export function CoverageCell(
  { of: { nDone, nExpected, nFailed, nDamaged }, children }: {
    of: Pick<GroupRow, "nDone" | "nExpected" | "nFailed" | "nDamaged">;
    /** What else is counted. */
    children?: Child;
  },
) {
  return (
    <td class="number">
      {nDone === nExpected
        ? whole(nDone)
        : `${whole(nDone)} of ${whole(nExpected)}`}
      {nFailed > 0 && <span class="below bad">{whole(nFailed)} failed</span>}
      {nDamaged > 0 && <span class="below bad">{whole(nDamaged)} damaged</span>}
      {children}
    </td>
  );
}

/** Tumours that were missed, and masks where there is none: told also where there are none of them. */
function Outcomes({ of: { nMissed, nFalseAlarm } }: { of: Aggregate }) {
  return (
    <>
      <span class={alarm(nMissed)}>{whole(nMissed)} missed</span>
      <span class={alarm(nFalseAlarm)}>
        {count(nFalseAlarm, "false alarm")}
      </span>
    </>
  );
}

interface Column {
  readonly name: string;
  readonly unit: string | null;
  readonly metric: SummarisedMetric;
  spreadOf(aggregate: Aggregate): Spread;
}

/** Dice over cases with tumour has a column where it is not the same as over all cases. */
function columnsOf(rows: readonly GroupRow[]): Column[] {
  const [dice, ...others] = GROUP_METRICS.map((metric): Column => ({
    name: FIGURE_TEXTS[metric].name,
    unit: FIGURE_TEXTS[metric].unit,
    metric,
    spreadOf: ({ metrics }) => metrics[metric],
  }));
  const differs = rows.some(({ aggregate }) =>
    aggregate.diceWithTumour.nCounted !== aggregate.metrics.dice.nCounted
  );
  const withTumour: Column = {
    name: "Dice, with tumour",
    unit: FIGURE_TEXTS.dice.unit,
    metric: "dice",
    spreadOf: ({ diceWithTumour }) => diceWithTumour,
  };
  return [dice!, ...(differs ? [withTumour] : []), ...others];
}

function alarm(n: number): string {
  return n > 0 ? "below outcome bad" : "below outcome";
}

export function SpreadCell(
  { metric, spread }: { metric: SummarisedMetric; spread: Spread },
) {
  const places = FIGURE_TEXTS[metric].digits;
  const { mean, sd, ci95, nCounted, nExcluded } = spread;
  return (
    <td class="number">
      {mean === null ? NONE : digits(mean, places)}{" "}
      {sd !== null && <span class="sd">± {digits(sd, places)}</span>}
      {ci95 !== null && (
        <span class="below">
          <span class="end">{digits(ci95[0], places)} to</span>{" "}
          <span class="end">{digits(ci95[1], places)}</span>
        </span>
      )}
      <span class="below">
        n {whole(nCounted)}
      </span>
      {nExcluded > 0 && <span class="below">{whole(nExcluded)} excluded</span>}
    </td>
  );
}
