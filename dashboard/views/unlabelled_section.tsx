/** @module Cases without labels: how volumes and lesions are spread, what stands out, and what is reviewed. */
import type {
  DistributedFigure,
  Distribution,
} from "../../shared/catalog/queries/distribution.ts";
import type { OverviewRow } from "../../shared/catalog/queries/overview.ts";
import { Chart } from "./chart.tsx";
import { DatasetPlace, rowName } from "./dataset_section.tsx";
import { address } from "./list.tsx";
import { Name } from "./name.tsx";
import { datasetName, readable } from "./names.ts";
import { count, digits, figureHead, figureText, whole } from "./numbers.ts";
import { QuartileCells, QuartileHeads } from "./quartiles.tsx";
import { casePath } from "./run_cases.tsx";

interface Figured extends Distribution {
  readonly figure: DistributedFigure;
}

/** More outliers than these are on the run's page. */
const MOST_OUTLIERS_SHOWN = 8;

export function UnlabelledSection({ row, nReviewed, distributions }: {
  row: OverviewRow;
  nReviewed: number;
  /** Null: not looked up. */
  distributions: readonly Figured[] | null;
}) {
  const { dataset, checkpoint, fold, className, runId } = row;
  const title = datasetName(dataset);
  return (
    <section class="card dataset" aria-label={`${title}, ${rowName(row)}`}>
      <div class="row spread">
        <h2>
          {title} <span class="badge muted">No labels</span>
        </h2>
        <a href={`/runs/${runId}`}>Its run</a>
      </div>
      <DatasetPlace dataset={dataset} />
      <p>
        {rowName(row)}, {className}: {whole(row.nDone)} of{" "}
        {count(row.nExpected, "case")} done
        {row.nFailed > 0 && (
          <span class="bad">, {whole(row.nFailed)} failed</span>
        )}
        {row.nDamaged > 0 && (
          <span class="bad">, {whole(row.nDamaged)} damaged</span>
        )}.{row.nDone > 0 && (
          <>{" "}{whole(nReviewed)} of {whole(row.nDone)} reviewed.</>
        )}
      </p>
      {row.nDone === 0
        ? (
          <p class="muted">
            Volumes and lesions are shown once a case is done.
          </p>
        )
        : distributions === null
        ? (
          <p>
            <a
              href={address("/", {
                dataset: dataset.key,
                checkpoint: checkpoint.key,
              })}
            >
              Show how volumes and lesions are spread
            </a>
          </p>
        )
        : (
          <>
            <div class="cards">
              {distributions.map(({ figure }) => (
                <Chart
                  kind="histogram"
                  isSmall
                  label={`Histogram of ${figureHead(figure)} on ${title}`}
                  data={{
                    dataset: dataset.key,
                    checkpoint: checkpoint.key,
                    fold: fold === null ? "none" : String(fold),
                    "class-name": className,
                    figure,
                  }}
                />
              ))}
            </div>
            <SpreadTable figures={distributions} label={`Spread on ${title}`} />
            <details class="more">
              <summary>Numbers of the bars</summary>
              <BarTable figures={distributions} label={`Bars of ${title}`} />
            </details>
            <Outliers figures={distributions} title={title} runId={runId} />
          </>
        )}
    </section>
  );
}

function SpreadTable(
  { figures, label }: { figures: readonly Figured[]; label: string },
) {
  return (
    <div class="table" tabindex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            <QuartileHeads />
            <th scope="col" class="number">Outliers</th>
          </tr>
        </thead>
        <tbody>
          {figures.map((one) => (
            <tr>
              <th scope="row">{figureHead(one.figure)}</th>
              <QuartileCells figure={one.figure} of={one} />
              <td class={one.nOutliers > 0 ? "number bad" : "number"}>
                {whole(one.nOutliers)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function BarTable(
  { figures, label }: { figures: readonly Figured[]; label: string },
) {
  return (
    <div class="table" tabindex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            <th scope="col" class="number">From</th>
            <th scope="col" class="number">To</th>
            <th scope="col" class="number">Cases</th>
          </tr>
        </thead>
        <tbody>
          {figures.flatMap(({ figure, bars }) =>
            bars.filter(({ n }) => n > 0).map(({ from, to, n }) => (
              <tr key={`${figure} ${from}`}>
                <th scope="row">{figureHead(figure)}</th>
                <td class="number">{figureText(figure, from)}</td>
                <td class="number">{figureText(figure, to)}</td>
                <td class="number">{whole(n)}</td>
              </tr>
            ))
          )}
        </tbody>
      </table>
    </div>
  );
}

function Outliers({ figures, title, runId }: {
  figures: readonly Figured[];
  title: string;
  runId: string;
}) {
  const all = figures.flatMap(({ figure, outliers }) =>
    outliers.map((outlier) => ({ figure, ...outlier }))
  ).sort((a, b) => Math.abs(b.deviations) - Math.abs(a.deviations));
  if (all.length === 0) {
    return <p class="muted more">No case stands out.</p>;
  }
  return (
    <section class="more">
      <h3>Cases that stand out</h3>
      <p class="muted">{figures[0]!.rule}.</p>
      <div
        class="table"
        tabindex={0}
        role="region"
        aria-label={`Outliers on ${title}`}
      >
        <table>
          <thead>
            <tr>
              <th scope="col">Case</th>
              <th scope="col">Figure</th>
              <th scope="col" class="number">Value</th>
              <th scope="col" class="number">Deviations</th>
            </tr>
          </thead>
          <tbody>
            {all.slice(0, MOST_OUTLIERS_SHOWN).map((outlier) => (
              <tr>
                <th scope="row" class="name">
                  <a href={casePath(outlier)}>
                    <Name>{readable(outlier.caseId)}</Name>
                  </a>
                </th>
                <td>{figureHead(outlier.figure)}</td>
                <td class="number">
                  {figureText(outlier.figure, outlier.value)}
                </td>
                <td class="number">{digits(outlier.deviations, 1)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {all.length > MOST_OUTLIERS_SHOWN && (
        <p>
          <a
            href={address(`/runs/${runId}`, {
              sort: "volumeMl",
              direction: "descending",
            })}
          >
            Show all cases by volume
          </a>
        </p>
      )}
    </section>
  );
}
