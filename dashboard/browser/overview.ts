/**
 * The overview's charts: each is loaded when it comes into view, and drawn anew when the theme changes.
 * @module
 */
import type { DistributedFigure } from "../../shared/catalog/queries/distribution.ts";
import { drawBoxes } from "./charts/boxes.ts";
import { readColours } from "./charts/colours.ts";
import { drawHistogram } from "./charts/histogram.ts";
import { drawTrend } from "./charts/trend.ts";

interface Drawn {
  /** What is to be said below the chart. */
  readonly note?: string;
  remove(): void;
}
type Draw = (canvas: HTMLCanvasElement) => Promise<Drawn>;

function drawOf(chart: HTMLElement): Draw {
  const { kind, dataset = "", className = "" } = chart.dataset;
  if (kind === "trend") {
    return async (canvas) => ({
      remove: await drawTrend(canvas, { dataset, className }, readColours()),
    });
  }
  if (kind === "histogram") {
    const { checkpoint = "", fold = "", figure } = chart.dataset;
    const selection = { dataset, checkpoint, fold, className };
    return async (canvas) => ({
      remove: await drawHistogram(canvas, {
        ...selection,
        figure: figure as DistributedFigure,
      }, readColours()),
    });
  }
  return (canvas) => {
    const select = chart.querySelector("select");
    const published = JSON.parse(chart.dataset.published ?? "null");
    return drawBoxes(canvas, {
      dataset,
      className,
      figure: (select?.value ?? "dice") as Parameters<
        typeof drawBoxes
      >[1]["figure"],
      published,
    }, readColours());
  };
}

function say(chart: HTMLElement, text: string): void {
  const note = chart.querySelector(".chart-note");
  if (note !== null) note.textContent = text;
}

function start(chart: HTMLElement): void {
  const canvas = chart.querySelector("canvas");
  if (canvas === null) return;
  const draw = drawOf(chart);
  let remove = () => {};
  let turn = 0;
  const redraw = async () => {
    const own = ++turn;
    try {
      remove();
      remove = () => {};
      const drawn = await draw(canvas);
      // Another drawing may have begun meanwhile: it wins.
      if (own !== turn) return drawn.remove();
      remove = drawn.remove;
      if (drawn.note !== undefined) say(chart, drawn.note);
      chart.dataset.drawn = "";
    } catch (error) {
      if (own !== turn) return;
      say(chart, error instanceof Error ? `${error.message}.` : String(error));
    }
  };
  void redraw();
  chart.querySelector(".chart-tools")?.classList.remove("waiting");
  chart.querySelector("select")?.addEventListener("change", redraw);
  document.addEventListener("uptake:theme", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}

/** So near to the view counts as in it. */
const NEAR_PX = 200;

const inView = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    inView.unobserve(target);
    start(target as HTMLElement);
  }
}, { rootMargin: `${NEAR_PX}px` });

function isInView(chart: HTMLElement): boolean {
  const { top, bottom, height } = chart.getBoundingClientRect();
  return height > 0 && bottom > -NEAR_PX && top < innerHeight + NEAR_PX;
}

// The observer waits for the first frame to be shown, which may take long: what is in view is begun before.
for (
  const chart of document.querySelectorAll<HTMLElement>(".chart[data-kind]")
) {
  if (isInView(chart)) start(chart);
  else inView.observe(chart);
}
