/** @module Box plots of a figure: a box per checkpoint and fold, a dot per case. */
import {
  BoxAndWiskers,
  BoxPlotController,
} from "@sgratzl/chartjs-chart-boxplot";
import { CategoryScale, Chart, LinearScale } from "chart.js";
import type { SummarisedMetric } from "../../../shared/metrics/summary.ts";
import type { PublishedFigures } from "../../published.ts";
import { checkpointName, foldName } from "../../views/names.ts";
import { FIGURE_TEXTS, figureHead, figureText } from "../../views/numbers.ts";
import { SEEN_TEXTS } from "../../views/seen_text.ts";
import { ask, type Dots, type OverviewRow } from "./answers.ts";
import { type Colours, faint } from "./colours.ts";
import { dotsNote } from "./dots_note.ts";
import { type Dot, followDots, type Mark, overlayPlugin } from "./dots.ts";
import { linesOf } from "./lines_of.ts";

Chart.register(BoxPlotController, BoxAndWiskers, LinearScale, CategoryScale);

/** Room for the vertical axis, and for a box with its name. */
const AXIS_PX = 60;
const BOX_PX = 84;
/** Nearly every character of a tick's 12 pixels is narrower. */
const CHARACTER_PX = 7;

const OUTCOMES: Readonly<Record<string, string>> = {
  missed: ", missed",
  falseAlarm: ", false alarm",
};

/** As short as the narrowest box. */
const SEEN_LABELS: Readonly<Record<OverviewRow["seen"], string | null>> = {
  no: null,
  maybe: "Maybe seen",
  yes: "Trained on",
};

export interface BoxChart {
  readonly dataset: string;
  readonly className: string;
  readonly figure: SummarisedMetric;
  readonly published: PublishedFigures | null;
}

/** @returns what is to be said below the chart, and what removes it */
export async function drawBoxes(
  canvas: HTMLCanvasElement,
  { dataset, className, figure, published }: BoxChart,
  colours: Colours,
): Promise<{ note: string; remove: () => void }> {
  const [{ items }, shown] = await Promise.all(
    [
      ask<{ items: OverviewRow[] }>("overview", {
        dataset,
        className,
        isLabelled: "true",
        limit: "200",
      }),
      ask<Dots>("dots", { dataset, className, figure }),
    ],
  );
  const checkpoints = [
    ...new Set(items.map(({ checkpoint }) => checkpoint.key)),
  ];
  // What a checkpoint was trained on stands back.
  const colourOf = (box: number) =>
    items[box]!.seen === "yes"
      ? colours.muted
      : colours.series(checkpoints.indexOf(items[box]!.checkpoint.key));
  const boxOf = new Map(
    items.map((
      { checkpoint, fold },
      box,
    ) => [`${checkpoint.key} ${fold}`, box]),
  );
  const placed = shown.dots.flatMap((dot): Dot[] => {
    const box = boxOf.get(`${dot.checkpoint} ${dot.fold}`);
    return box === undefined ? [] : [{
      box,
      value: dot.value,
      text: `${dot.caseId}: ${figureText(figure, dot.value)}${
        OUTCOMES[dot.outcome ?? ""] ?? ""
      }${seenText(items[box]!)}`,
      href: `/runs/${dot.runId}/cases/${encodeURIComponent(dot.caseId)}`,
      isAlarming: dot.outcome === "missed" || dot.outcome === "falseAlarm",
    }];
  }).sort((a, b) => a.box - b.box || a.value - b.value);
  const reference = published?.values[figure];
  const overlay = overlayPlugin({
    dots: placed,
    marks: items.map(({ aggregate }) => markOf(aggregate.metrics[figure])),
    published: published === null || reference === undefined ? null : {
      value: reference,
      text: `${published.method} ${figureText(figure, reference)}`,
    },
    colours,
    colourOf,
  });
  // Many boxes scroll within their frame rather than shrink.
  canvas.parentElement?.style.setProperty(
    "min-width",
    `${AXIS_PX + items.length * BOX_PX}px`,
  );
  const chart = new Chart(canvas, {
    type: "boxplot",
    data: {
      labels: items.map((_, box) => box),
      datasets: [{
        data: items.map(({ aggregate }) =>
          boxPlotOf(aggregate.metrics[figure])
        ),
        backgroundColor: items.map((_, box) => faint(colourOf(box), 0.18)),
        borderColor: items.map((_, box) => colourOf(box)),
        borderWidth: 1.5,
        medianColor: colours.ink,
        outlierRadius: 0,
        itemRadius: 0,
        meanRadius: 0,
        maxBarThickness: 84,
        categoryPercentage: 0.8,
        barPercentage: 0.9,
      }],
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      events: [],
      scales: {
        x: {
          ticks: {
            color: colours.muted,
            maxRotation: 0,
            autoSkip: false,
            // At the size that the chart has now.
            callback(_, box) {
              const boxPx = (this.chart.width - AXIS_PX) / items.length;
              return labelOf(items[box]!, Math.floor(boxPx / CHARACTER_PX));
            },
          },
          grid: { display: false },
          border: { color: colours.line },
        },
        y: {
          beginAtZero: true,
          ...(isShare(figure) && { max: 1 }),
          ...(reference !== undefined && { suggestedMax: reference * 1.1 }),
          title: {
            display: true,
            text: figureHead(figure),
            color: colours.muted,
          },
          ticks: { color: colours.muted },
          grid: { color: colours.line },
          border: { display: false },
        },
      },
    },
    plugins: [overlay],
  });
  const forget = followDots(chart, placed, overlay.pointOf);
  return {
    note: dotsNote(shown),
    remove() {
      forget();
      chart.destroy();
    },
  };
}

/** Under a box: up to three lines of names, and a mark. */
function labelOf(
  { checkpoint, fold, seen }: OverviewRow,
  charactersInLine: number,
): string[] {
  const mark = SEEN_LABELS[seen];
  return [
    ...linesOf(checkpointName(checkpoint), charactersInLine),
    ...(fold === null ? [] : [foldName(fold)]),
    ...(mark === null ? [] : [mark]),
  ];
}

function seenText({ seen }: OverviewRow): string {
  const text = SEEN_TEXTS[seen];
  return text === null ? "" : `, ${text.toLowerCase()}`;
}

type Spread = OverviewRow["aggregate"]["metrics"][SummarisedMetric];

function markOf({ mean, ci95 }: Spread): Mark | null {
  return mean === null ? null : { mean, ci95 };
}

/** All of a box is worked out already; whiskers reach to the lowest and highest case. */
function boxPlotOf(
  { min, lowerQuartile, median, upperQuartile, max, mean }: Spread,
) {
  const low = min ?? NaN;
  const high = max ?? NaN;
  return {
    min: low,
    max: high,
    whiskerMin: low,
    whiskerMax: high,
    q1: lowerQuartile ?? NaN,
    median: median ?? NaN,
    q3: upperQuartile ?? NaN,
    mean: mean ?? NaN,
    items: [],
    outliers: [],
  };
}

/** Between 0 and 1 by definition. */
function isShare(figure: SummarisedMetric): boolean {
  return FIGURE_TEXTS[figure].better === "higher";
}
