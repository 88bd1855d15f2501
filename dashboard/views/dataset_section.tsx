/** @module A dataset with labels: box plots, summaries, and how checkpoints did over time. */
import type { OverviewRow } from "../../shared/catalog/queries/overview.ts";
import type { TrendPoint } from "../../shared/catalog/queries/trend.ts";
import { type PublishedFigures, publishedOf } from "../published.ts";
import { Chart } from "./chart.tsx";
import {
  CoverageCell,
  GROUP_METRICS,
  GroupTable,
  SeenMark,
  SpreadCell,
} from "./group_table.tsx";
import { address } from "./list.tsx";
import { Name } from "./name.tsx";
import { checkpointName, datasetName, foldName, readable } from "./names.ts";
import {
  digits,
  FIGURE_TEXTS,
  figureHead,
  NONE,
  timeText,
  whole,
} from "./numbers.ts";
import { QuartileCells, QuartileHeads } from "./quartiles.tsx";
import { varyingText } from "./run_settings.ts";

export function DatasetSection({ rows, trend }: {
  /** Of one dataset, at least one. */
  rows: readonly OverviewRow[];
  /** The oldest first; null: not looked up. */
  trend: readonly TrendPoint[] | null;
}) {
  const { dataset, className } = rows[0]!;
  const published = [dataset.name, ...dataset.otherNames].map(publishedOf)
    .find((known) => known !== null) ?? null;
  const classes = [...new Set(rows.map((row) => row.className))];
  const title = datasetName(dataset);
  return (
    <section class="card dataset" aria-label={title}>
      <div class="row spread">
        <h2>{title}</h2>
        <a href={address("/runs", { dataset: dataset.key })}>Its runs</a>
      </div>
      <DatasetPlace dataset={dataset} />
      {classes.length > 1 && (
        <p>
          The charts are of the class {className}.{" "}
          {classes.filter((name) => name !== className).map((name) => (
            <a
              key={name}
              href={address("/", { dataset: dataset.key, className: name })}
            >
              Show {name}
            </a>
          ))}
        </p>
      )}
      <Chart
        kind="boxes"
        label={`Box plots of ${title}, a box per checkpoint and fold, a dot per case`}
        data={{
          dataset: dataset.key,
          "class-name": className,
          published: published === null ? undefined : JSON.stringify(published),
        }}
        tools={
          <>
            <label>
              Metric
              <select>
                {GROUP_METRICS.map((metric) => (
                  <option value={metric}>{figureHead(metric)}</option>
                ))}
              </select>
            </label>
            <ul class="legend">
              <li>Box: quartiles</li>
              <li>Whiskers: lowest and highest case</li>
              <li>Diamond: mean with its 95 % interval</li>
              <li>Dot: a case, red where missed or a false alarm</li>
              {rows.some(({ seen }) => seen === "yes") && (
                <li>Grey: the checkpoint was trained on these cases</li>
              )}
              {published !== null && <li>Dashed: published</li>}
            </ul>
          </>
        }
      />
      <GroupTable
        rows={rows.map((row) => ({
          ...row,
          name: rowName(row),
          href: `/runs/${row.runId}`,
          run: runText(row),
        }))}
        head="Checkpoint"
        hasClasses={classes.length > 1}
        label={`Results on ${title}`}
      />
      {published !== null && <Published published={published} />}
      <details class="more">
        <summary>Numbers of the boxes</summary>
        <BoxTable rows={rows} label={`Boxes of ${title}`} />
      </details>
      <Trend
        dataset={dataset.key}
        className={className}
        title={title}
        points={trend}
      />
    </section>
  );
}

/** Where a dataset is, and what else it is called. */
export function DatasetPlace({ dataset }: Pick<OverviewRow, "dataset">) {
  const { location, otherNames } = dataset;
  return (
    <p class="muted where">
      {readable(location)}
      {otherNames.length > 0 && (
        <span class="below">
          Some runs call it {otherNames.map(readable).join(", ")}.
        </span>
      )}
    </p>
  );
}

export function rowName(
  { checkpoint, fold }: Pick<OverviewRow, "checkpoint" | "fold">,
): string {
  const name = checkpointName(checkpoint);
  return fold === null ? name : `${name}, ${foldName(fold)}`;
}

/** Which run's figures stand for a checkpoint: `Run of 2026-11-24 12:48, overlap 0 %`. */
function runText(row: OverviewRow): string {
  const made = varyingText(row);
  return `Run of ${timeText(row.createdAt)}${made === "" ? "" : `, ${made}`}`;
}

function Published({ published }: { published: PublishedFigures }) {
  const values = GROUP_METRICS.flatMap((metric) => {
    const value = published.values[metric];
    return value === undefined
      ? []
      : [`${figureHead(metric)} ${digits(value, FIGURE_TEXTS[metric].digits)}`];
  });
  return (
    <p class="source">
      {published.method}:{" "}
      {values.join(", ")}. Their form of RVD is not told, and taken for the
      absolute one. On other splits, measured by other code: a guide, no
      benchmark. Source: {published.source}.
    </p>
  );
}

/** What the boxes show. */
function BoxTable(
  { rows, label }: { rows: readonly OverviewRow[]; label: string },
) {
  return (
    <div class="table" tabindex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">Checkpoint</th>
            <th scope="col">Metric</th>
            <QuartileHeads />
          </tr>
        </thead>
        <tbody>
          {rows.flatMap((row) =>
            GROUP_METRICS.map((metric) => (
              <tr key={`${row.runId} ${row.fold} ${metric}`}>
                <th scope="row">
                  <Name>{rowName(row)}</Name>
                  <SeenMark seen={row.seen} />
                </th>
                <td>{figureHead(metric)}</td>
                <QuartileCells
                  figure={metric}
                  of={row.aggregate.metrics[metric]}
                />
              </tr>
            ))
          )}
        </tbody>
      </table>
    </div>
  );
}

function Trend({ dataset, className, title, points }: {
  dataset: string;
  className: string;
  title: string;
  points: readonly TrendPoint[] | null;
}) {
  if (points === null) {
    return (
      <p>
        <a href={address("/", { dataset })}>Show how it went over time</a>
      </p>
    );
  }
  if (points.length < 2) return null;
  const worse = points.filter(({ isRegression }) => isRegression).length;
  const isCompared = points.some(({ comparisons }) => comparisons.length > 0);
  return (
    <section class="more">
      <h3>Over time</h3>
      <p class={worse > 0 ? "bad" : "muted"}>
        {!isCompared
          ? "None of these runs was compared with another: nights of re-evaluation do that."
          : worse === 0
          ? "No checkpoint got worse."
          : `${
            worse === 1 ? "1 result is" : `${whole(worse)} results are`
          } worse than what came before.`}
      </p>
      <Chart
        kind="trend"
        isSmall
        label={`Mean Dice on ${title} over time; triangles got worse, hollow points lack cases${
          points.some(({ seen }) => seen === "yes")
            ? ", grey crosses are of cases that the checkpoint was trained on"
            : ""
        }`}
        data={{ dataset, "class-name": className }}
      />
      <details>
        <summary>Numbers over time</summary>
        <TrendTable points={points} label={`Over time on ${title}`} />
      </details>
    </section>
  );
}

function TrendTable(
  { points, label }: { points: readonly TrendPoint[]; label: string },
) {
  const hasOptions = points.some(({ varying }) => varying.length > 0);
  return (
    <div class="table" tabindex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">Run (UTC)</th>
            <th scope="col">Checkpoint</th>
            {hasOptions && <th scope="col">Options</th>}
            <th scope="col" class="number">Cases</th>
            <th scope="col" class="number">Dice</th>
            <th scope="col" class="number">HD95 (mm)</th>
            <th scope="col">Against others</th>
          </tr>
        </thead>
        <tbody>
          {points.map((point, n) => ({
            ...point,
            isOtherData: isOtherData(points, n),
          })).toReversed().map((point) => (
            <tr>
              <th scope="row">
                <a href={`/runs/${point.runId}`}>{timeText(point.createdAt)}</a>
                {point.isOtherData && (
                  <span class="below">The dataset had changed</span>
                )}
              </th>
              <td>
                <Name>{rowName(point)}</Name>
                <SeenMark seen={point.seen} />
              </td>
              {hasOptions && <td>{varyingText(point) || NONE}</td>}
              <CoverageCell of={point} />
              <SpreadCell metric="dice" spread={point.aggregate.metrics.dice} />
              <SpreadCell
                metric="hd95Mm"
                spread={point.aggregate.metrics.hd95Mm}
              />
              <td>
                {point.comparisons.length === 0
                  ? NONE
                  : point.comparisons.map((comparison) => (
                    <span
                      key={comparison.beforeRunId}
                      class={`below ${VERDICTS[comparison.verdict][1]}`}
                    >
                      <a
                        href={address("/compare", {
                          before: comparison.beforeRunId,
                          after: point.runId,
                        })}
                      >
                        {VERDICTS[comparison.verdict][0]}{" "}
                        {comparison.beforeName}
                      </a>
                    </span>
                  ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Whether a point is known to be of another state of the dataset than what came before; the oldest come first. */
function isOtherData(points: readonly TrendPoint[], n: number): boolean {
  const { digest } = points[n]!.dataset;
  const before = points.slice(0, n).findLast(({ dataset }) =>
    dataset.digest !== null
  );
  return digest !== null && before !== undefined &&
    digest !== before.dataset.digest;
}

const VERDICTS = {
  worse: ["Worse than", "bad"],
  better: ["Better than", "good"],
  same: ["Not surely different from", "muted"],
  tooFew: ["Too few cases to compare with", "muted"],
} as const;
