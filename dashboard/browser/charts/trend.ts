/**
 * The mean Dice over time: a line per family of checkpoints, fold and set of options; what got worse is marked.
 * @module
 */
import {
  Chart,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from "chart.js";
import { checkpointName, foldName } from "../../views/names.ts";
import { figureText, timeText } from "../../views/numbers.ts";
import { varyingText } from "../../views/run_settings.ts";
import { SEEN_TEXTS } from "../../views/seen_text.ts";
import { ask, type TrendPoint } from "./answers.ts";
import type { Colours } from "./colours.ts";

Chart.register(LineController, LineElement, PointElement, LinearScale, Tooltip);

const DAY_MS = 86_400_000;
const MOST_TICKS = 5;

/** @returns what removes it */
export async function drawTrend(
  canvas: HTMLCanvasElement,
  { dataset, className }: { dataset: string; className: string },
  colours: Colours,
): Promise<() => void> {
  const points = await ask<TrendPoint[]>("trend", { dataset, className });
  const lines = Map.groupBy(
    points.filter(({ aggregate }) => aggregate.metrics.dice.mean !== null),
    ({ checkpoint, fold, seen, ...made }) =>
      `${checkpoint.family ?? checkpointName(checkpoint)}${
        fold === null ? "" : `, ${foldName(fold)}`
      }${optionsText(made)}${seenText(seen)}`,
  );
  /** Points of what a checkpoint was trained on are no line: nothing gets better along it. */
  const isMemory = ([first]: readonly TrendPoint[]) => first?.seen === "yes";
  const styleOf = ({ isRegression, seen }: TrendPoint) =>
    seen === "yes"
      ? "crossRot" as const
      : isRegression
      ? "triangle" as const
      : "circle" as const;
  const days = points.map(({ createdAt }) => Date.parse(createdAt) / DAY_MS);
  const firstDay = Math.floor(Math.min(...days));
  const lastDay = Math.floor(Math.max(...days)) + 1;
  const chart = new Chart(canvas, {
    type: "line",
    data: {
      datasets: [...lines].map(([label, own], n) => ({
        label,
        data: own.map((point) => ({
          x: Date.parse(point.createdAt),
          y: point.aggregate.metrics.dice.mean!,
        })),
        borderColor: colours.series(n),
        borderWidth: 2,
        showLine: !isMemory(own),
        // A hollow point is a mean that lacks cases.
        pointBackgroundColor: own.map((point) =>
          incompleteText(point) !== ""
            ? colours.surface
            : point.isRegression
            ? colours.bad
            : colours.series(n)
        ),
        pointBorderColor: own.map((point) =>
          isMemory(own)
            ? colours.muted
            : incompleteText(point) === ""
            ? colours.surface
            : point.isRegression
            ? colours.bad
            : colours.series(n)
        ),
        pointBorderWidth: own.map((point) =>
          incompleteText(point) === "" && !isMemory(own) ? 1 : 2
        ),
        pointStyle: own.map(styleOf),
        pointRadius: own.map(({ isRegression }) => isRegression ? 9 : 5),
        pointHoverRadius: own.map(({ isRegression }) => isRegression ? 10 : 7),
      })),
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      onClick(_event, elements) {
        const [hit] = elements;
        const point = hit && [...lines.values()][hit.datasetIndex]?.[hit.index];
        if (point !== undefined) location.assign(`/runs/${point.runId}`);
      },
      plugins: {
        tooltip: {
          callbacks: {
            title: ([item]) =>
              timeText(new Date(item?.parsed.x ?? 0).toISOString()),
            label({ datasetIndex, dataIndex }) {
              const point = [...lines.values()][datasetIndex]![dataIndex]!;
              return `${checkpointName(point.checkpoint)}: Dice ${
                figureText("dice", point.aggregate.metrics.dice.mean)
              }${optionsText(point)}${incompleteText(point)}${
                seenText(point.seen)
              }${point.isRegression ? ", worse" : ""}`;
            },
          },
        },
      },
      scales: {
        x: {
          type: "linear",
          min: firstDay * DAY_MS,
          max: lastDay * DAY_MS,
          ticks: {
            color: colours.muted,
            stepSize: Math.ceil((lastDay - firstDay) / MOST_TICKS) * DAY_MS,
            maxRotation: 0,
            callback: (value) =>
              new Date(Number(value)).toISOString().slice(0, 10),
          },
          grid: { display: false },
          border: { color: colours.line },
        },
        y: {
          title: { display: true, text: "Mean Dice", color: colours.muted },
          ticks: { color: colours.muted },
          grid: { color: colours.line },
          border: { display: false },
        },
      },
    },
  });
  return () => chart.destroy();
}

function optionsText(
  point: Pick<TrendPoint, "settings" | "varying">,
): string {
  const text = varyingText(point);
  return text === "" ? "" : `, ${text}`;
}

function seenText(seen: TrendPoint["seen"]): string {
  const text = SEEN_TEXTS[seen];
  return text === null ? "" : `, ${text.toLowerCase()}`;
}

/** Which cases a mean lacks: `, of 2 of 3 cases: 1 damaged`; empty where it lacks none. */
function incompleteText(
  { nExpected, nDone, nFailed, nDamaged }: TrendPoint,
): string {
  if (nDone === nExpected) return "";
  const why = [
    ...(nFailed > 0 ? [`${nFailed} failed`] : []),
    ...(nDamaged > 0 ? [`${nDamaged} damaged`] : []),
    ...(nDone + nFailed + nDamaged < nExpected
      ? [`${nExpected - nDone - nFailed - nDamaged} open`]
      : []),
  ];
  return `, of ${nDone} of ${nExpected} cases: ${why.join(", ")}`;
}
