/** @module How a figure is spread over cases without labels. */
import {
  BarController,
  BarElement,
  Chart,
  LinearScale,
  Tooltip,
} from "chart.js";
import type { DistributedFigure } from "../../../shared/catalog/queries/distribution.ts";
import {
  count,
  FIGURE_TEXTS,
  figureHead,
  figureText,
} from "../../views/numbers.ts";
import { ask, type Distribution } from "./answers.ts";
import type { Colours } from "./colours.ts";

Chart.register(BarController, BarElement, LinearScale, Tooltip);

/** @returns what removes it */
export async function drawHistogram(
  canvas: HTMLCanvasElement,
  { figure, ...selection }: {
    dataset: string;
    checkpoint: string;
    fold: string;
    className: string;
    figure: DistributedFigure;
  },
  colours: Colours,
): Promise<() => void> {
  const { bars, limits } = await ask<Distribution>("distribution", {
    ...selection,
    figure,
  });
  const standsOut = (from: number, to: number) =>
    limits !== null && (to < limits[0] || from > limits[1]);
  const places = placesOf(bars, isWhole(figure));
  const width = (bars[0]?.to ?? 0) - (bars[0]?.from ?? 0) || 1;
  const chart = new Chart(canvas, {
    type: "bar",
    data: {
      datasets: [{
        data: bars.map(({ n }, bar) => ({ x: places[bar]!, y: n })),
        backgroundColor: bars.map(({ from, to }) =>
          standsOut(from, to) ? colours.bad : colours.series(0)
        ),
        minBarLength: 0,
        categoryPercentage: 1,
        barPercentage: 0.92,
        maxBarThickness: 48,
      }],
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      plugins: {
        tooltip: {
          callbacks: {
            title: ([item]) => rangeText(figure, bars[item?.dataIndex ?? 0]!),
            label: ({ dataIndex }) => count(bars[dataIndex]!.n, "case"),
          },
        },
      },
      scales: {
        x: {
          type: "linear",
          min: (places[0] ?? 0) - width / 2,
          max: (places.at(-1) ?? 1) + width / 2,
          title: {
            display: true,
            text: figureHead(figure),
            color: colours.muted,
          },
          ticks: {
            color: colours.muted,
            maxTicksLimit: 6,
            maxRotation: 0,
            includeBounds: false,
            ...(isWhole(figure) && { precision: 0 }),
          },
          grid: { display: false },
          border: { color: colours.line },
        },
        y: {
          beginAtZero: true,
          title: { display: true, text: "Cases", color: colours.muted },
          ticks: { color: colours.muted, precision: 0, maxTicksLimit: 5 },
          grid: { color: colours.line },
          border: { display: false },
        },
      },
    },
  });
  return () => chart.destroy();
}

/** Counted, not measured. */
function isWhole(figure: DistributedFigure): boolean {
  return FIGURE_TEXTS[figure].digits === 0 &&
    FIGURE_TEXTS[figure].unit === null;
}

/** Where the middle of each bar stands: over the whole numbers that it counts, where it counts such. */
function placesOf(bars: Distribution["bars"], areWhole: boolean): number[] {
  return bars.map(({ from, to }) =>
    (from + (areWhole ? Math.max(from, to - 1) : to)) / 2
  );
}

function rangeText(
  figure: DistributedFigure,
  { from, to }: Distribution["bars"][number],
): string {
  const last = isWhole(figure) ? to - 1 : to;
  const start = figureText(figure, from);
  return last <= from ? start : `${start} to ${figureText(figure, last)}`;
}
