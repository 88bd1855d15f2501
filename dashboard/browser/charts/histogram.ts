/** @module How a figure is spread over cases without labels. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  LinearScale,
  Tooltip,
} from "chart.js";
import type { DistributedFigure } from "../../../shared/catalog/queries/distribution.ts";
import { count, figureHead, figureText } from "../../views/numbers.ts";
import { ask, type Distribution } from "./answers.ts";
import type { Colours } from "./colours.ts";

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip);

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
  const chart = new Chart(canvas, {
    type: "bar",
    data: {
      labels: bars.map(({ from }) => figureText(figure, from)),
      datasets: [{
        data: bars.map(({ n }) => n),
        backgroundColor: bars.map(({ from, to }) =>
          standsOut(from, to) ? colours.bad : colours.series(0)
        ),
        minBarLength: 0,
        categoryPercentage: 1,
        barPercentage: 0.92,
      }],
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      plugins: {
        tooltip: {
          callbacks: {
            title: ([item]) => {
              const { from, to } = bars[item?.dataIndex ?? 0]!;
              return `${figureText(figure, from)} to ${figureText(figure, to)}`;
            },
            label: ({ dataIndex }) => count(bars[dataIndex]!.n, "case"),
          },
        },
      },
      scales: {
        x: {
          title: {
            display: true,
            text: figureHead(figure),
            color: colours.muted,
          },
          ticks: { color: colours.muted, maxTicksLimit: 6, maxRotation: 0 },
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
