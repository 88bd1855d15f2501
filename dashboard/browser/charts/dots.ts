/**
 * Draws over box plots what they do not show: a dot per case, the mean with its interval, a published figure as a
 * line. A dot tells its case when it is pointed at or reached by the arrow keys, and opens it.
 * @module
 */
import type { Chart, Plugin } from "chart.js";
import { type Colours, faint } from "./colours.ts";

export interface Dot {
  /** Which box it belongs to. */
  readonly box: number;
  readonly value: number;
  /** What it is called. */
  readonly text: string;
  readonly href: string;
  /** Drawn as a warning: missed, or a false alarm. */
  readonly isAlarming: boolean;
}

export interface Mark {
  readonly mean: number;
  readonly ci95: readonly [number, number] | null;
}

export interface Overlay {
  /** In the order in which the arrow keys walk. */
  readonly dots: readonly Dot[];
  /** By box. */
  readonly marks: readonly (Mark | null)[];
  readonly published: { readonly value: number; readonly text: string } | null;
  readonly colours: Colours;
  colourOf(box: number): string;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const RADIUS = 3.5;
/** How near to a dot counts as pointing at it, in pixels. */
const REACH = 9;
/** The golden ratio's fraction spreads neighbours far apart. */
const SPREAD = 0.618034;

export function overlayPlugin(overlay: Overlay): Plugin<"boxplot"> & {
  pointOf(chart: Chart, index: number): Point;
} {
  const pointOf = (chart: Chart, index: number): Point => {
    const { box, value } = overlay.dots[index]!;
    const { x, y } = chart.scales as Required<typeof chart.scales>;
    const step = widthOfBox(chart);
    const aside = ((index * SPREAD) % 1 - 0.5) * step * 0.5;
    return {
      x: x!.getPixelForValue(box) + aside,
      y: y!.getPixelForValue(value),
    };
  };
  return {
    id: "overlay",
    pointOf,
    afterDatasetsDraw(chart) {
      const { ctx } = chart;
      ctx.save();
      drawPublished(chart, overlay);
      ctx.lineWidth = 1;
      let last = "";
      overlay.dots.forEach((dot, index) => {
        const { x, y } = pointOf(chart, index);
        const colour = dot.isAlarming
          ? overlay.colours.bad
          : overlay.colourOf(dot.box);
        // Reading a colour takes longer than drawing a dot.
        if (colour !== last) {
          ctx.fillStyle = faint(colour, 0.55);
          ctx.strokeStyle = colour;
          last = colour;
        }
        ctx.beginPath();
        ctx.arc(x, y, RADIUS, 0, 2 * Math.PI);
        ctx.fill();
        ctx.stroke();
      });
      overlay.marks.forEach((mark, box) => {
        if (mark !== null) drawMark(chart, box, mark, overlay.colours);
      });
      ctx.restore();
    },
  };
}

function widthOfBox(chart: Chart): number {
  const { x } = chart.scales;
  const n = chart.data.labels?.length ?? 1;
  return x === undefined ? 0 : Math.min(120, x.width / Math.max(1, n));
}

/** A diamond with a bar. */
function drawMark(
  chart: Chart,
  box: number,
  { mean, ci95 }: Mark,
  { ink, surface }: Colours,
): void {
  const { ctx, scales } = chart;
  const { x: across, y: up } = scales;
  if (across === undefined || up === undefined) return;
  const x = across.getPixelForValue(box);
  const y = up.getPixelForValue(mean);
  ctx.strokeStyle = ink;
  ctx.fillStyle = surface;
  ctx.lineWidth = 2;
  if (ci95 !== null) {
    const [low, high] = ci95.map((end) => up.getPixelForValue(end));
    ctx.beginPath();
    ctx.moveTo(x, low!);
    ctx.lineTo(x, high!);
    for (const end of [low!, high!]) {
      ctx.moveTo(x - 5, end);
      ctx.lineTo(x + 5, end);
    }
    ctx.stroke();
  }
  ctx.beginPath();
  ctx.moveTo(x, y - 6);
  ctx.lineTo(x + 6, y);
  ctx.lineTo(x, y + 6);
  ctx.lineTo(x - 6, y);
  ctx.closePath();
  ctx.fill();
  ctx.stroke();
}

function drawPublished(
  chart: Chart,
  { published, colours }: Overlay,
): void {
  const { ctx, chartArea, scales } = chart;
  if (published === null || scales.y === undefined) return;
  const y = scales.y.getPixelForValue(published.value);
  if (y < chartArea.top || y > chartArea.bottom) return;
  ctx.strokeStyle = colours.ink;
  ctx.lineWidth = 1.5;
  ctx.setLineDash([6, 4]);
  ctx.beginPath();
  ctx.moveTo(chartArea.left, y);
  ctx.lineTo(chartArea.right, y);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = colours.ink;
  ctx.font = "12px system-ui, sans-serif";
  ctx.textAlign = "right";
  ctx.textBaseline = "bottom";
  ctx.fillText(published.text, chartArea.right - 4, y - 3);
}

/** Lets people point at dots, walk them by the arrow keys, and open them. @returns what takes all that away again */
export function followDots(
  chart: Chart,
  dots: readonly Dot[],
  pointOf: (chart: Chart, index: number) => Point,
): () => void {
  const { canvas } = chart;
  const tip = document.createElement("div");
  tip.className = "chart-tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  canvas.parentElement?.append(tip);
  let chosen: number | null = null;

  function choose(index: number | null): void {
    chosen = index;
    tip.hidden = index === null;
    canvas.style.cursor = index === null ? "" : "pointer";
    if (index === null) return;
    tip.textContent = dots[index]!.text;
    const { x, y } = pointOf(chart, index);
    const width = tip.offsetWidth;
    const left = Math.min(x + 10, chart.width - width);
    tip.style.left = `${Math.max(0, left)}px`;
    tip.style.top = `${Math.max(0, y - tip.offsetHeight - 10)}px`;
    tip.dataset.x = String(x);
    tip.dataset.y = String(y);
  }

  function nearest(event: PointerEvent | MouseEvent): number | null {
    const { left, top } = canvas.getBoundingClientRect();
    let best: number | null = null;
    let least = REACH;
    dots.forEach((_, index) => {
      const { x, y } = pointOf(chart, index);
      const away = Math.hypot(
        event.clientX - left - x,
        event.clientY - top - y,
      );
      if (away < least) {
        least = away;
        best = index;
      }
    });
    return best;
  }

  const open = (index: number | null) => {
    if (index !== null) location.assign(dots[index]!.href);
  };
  const stop = new AbortController();
  const { signal } = stop;
  canvas.addEventListener("pointermove", (e) => choose(nearest(e)), { signal });
  canvas.addEventListener("pointerleave", () => choose(null), { signal });
  canvas.addEventListener("blur", () => choose(null), { signal });
  canvas.addEventListener("click", (e) => open(nearest(e)), { signal });
  canvas.addEventListener("keydown", (event) => {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 };
    const step = steps[event.key];
    if (step !== undefined && dots.length > 0) {
      event.preventDefault();
      const from = chosen ?? (step > 0 ? -1 : 0);
      choose((from + step + dots.length) % dots.length);
    } else if (event.key === "Enter") open(chosen);
    else if (event.key === "Escape") choose(null);
  }, { signal });
  return () => {
    stop.abort();
    tip.remove();
  };
}
