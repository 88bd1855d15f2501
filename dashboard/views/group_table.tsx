/**
 * Metrics summarised over cases, a row per group of cases. No mean stands alone: its spread, its interval, how
 * many cases it counts and how many it leaves out stand with it.
 * @module
 */
import type { Aggregate, Spread } from "../../shared/catalog/aggregate.ts";
import type { OverviewRow } from "../../shared/catalog/queries/overview.ts";
import type { SummarisedMetric } from "../../shared/metrics/summary.ts";
import { Name } from "./name.tsx";
import { readable } from "./names.ts";
import { digits, FIGURE_TEXTS, figureHead, NONE, whole } from "./numbers.ts";
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
      <div class="table" tabindex={0} role="region" aria-label={label}>
        <table class="groups">
          <thead>
            <tr>
              <th scope="col">{head}</th>
              {hasClasses && <th scope="col">Class</th>}
              <th scope="col" class="number">Cases</th>
              <th scope="col" class="number">Missed</th>
              <th scope="col" class="number">False alarms</th>
              {columns.map(({ name }) => (
                <th scope="col" class="number">{name}</th>
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
                <CoverageCell of={row} />
                <td class={alarm(row.aggregate.nMissed)}>
                  {whole(row.aggregate.nMissed)}
                </td>
                <td class={alarm(row.aggregate.nFalseAlarm)}>
                  {whole(row.aggregate.nFalseAlarm)}
                </td>
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

/** Says that figures are of cases which the checkpoint was trained on: they tell what it remembers. */
export function SeenMark({ seen }: Pick<GroupRow, "seen">) {
  const text = SEEN_TEXTS[seen];
  return text === null ? null : <span class="below warn">{text}</span>;
}

/** How many cases figures are of, and why not of all. */
export function CoverageCell({ of: { nDone, nExpected, nFailed, nDamaged } }: {
  of: Pick<GroupRow, "nDone" | "nExpected" | "nFailed" | "nDamaged">;
}) {
  return (
    <td class="number">
      {nDone === nExpected
        ? whole(nDone)
        : `${whole(nDone)} of ${whole(nExpected)}`}
      {nFailed > 0 && <span class="below bad">{whole(nFailed)} failed</span>}
      {nDamaged > 0 && <span class="below bad">{whole(nDamaged)} damaged</span>}
    </td>
  );
}

interface Column {
  readonly name: string;
  readonly metric: SummarisedMetric;
  spreadOf(aggregate: Aggregate): Spread;
}

/** Dice over cases with tumour has a column where it is not the same as over all cases. */
function columnsOf(rows: readonly GroupRow[]): Column[] {
  const [dice, ...others] = GROUP_METRICS.map((metric): Column => ({
    name: figureHead(metric),
    metric,
    spreadOf: ({ metrics }) => metrics[metric],
  }));
  const differs = rows.some(({ aggregate }) =>
    aggregate.diceWithTumour.nCounted !== aggregate.metrics.dice.nCounted
  );
  const withTumour: Column = {
    name: "Dice, with tumour",
    metric: "dice",
    spreadOf: ({ diceWithTumour }) => diceWithTumour,
  };
  return [dice!, ...(differs ? [withTumour] : []), ...others];
}

function alarm(n: number): string {
  return n > 0 ? "number bad" : "number";
}

export function SpreadCell(
  { metric, spread }: { metric: SummarisedMetric; spread: Spread },
) {
  const places = FIGURE_TEXTS[metric].digits;
  const { mean, sd, ci95, nCounted, nExcluded } = spread;
  return (
    <td class="number">
      {mean === null ? NONE : digits(mean, places)}
      {sd !== null && <span class="muted">{` ± ${digits(sd, places)}`}</span>}
      {ci95 !== null && (
        <span class="below">
          {digits(ci95[0], places)} to {digits(ci95[1], places)}
        </span>
      )}
      <span class="below">
        n {whole(nCounted)}
      </span>
      {nExcluded > 0 && <span class="below">{whole(nExcluded)} excluded</span>}
    </td>
  );
}
