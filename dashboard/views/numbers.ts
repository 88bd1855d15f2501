/** @module Numbers as people read them: sensible digits, a dash where there is none, and the unit's name. */
import type { Figure } from "../../shared/catalog/figures.ts";

/** How a figure is shown. */
export interface FigureText {
  readonly name: string;
  /** Null: it has none. */
  readonly unit: string | null;
  /** After the point. */
  readonly digits: number;
  /** Which way is better; null: neither is. */
  readonly better: "higher" | "lower" | null;
}

/** What stands where there is no number. */
export const NONE = "–";

export const FIGURE_TEXTS: Readonly<Record<Figure, FigureText>> = Object.freeze(
  {
    dice: { name: "Dice", unit: null, digits: 3, better: "higher" },
    iou: { name: "IoU", unit: null, digits: 3, better: "higher" },
    hd95Mm: { name: "HD95", unit: "mm", digits: 1, better: "lower" },
    hdMm: { name: "HD", unit: "mm", digits: 1, better: "lower" },
    assdMm: { name: "ASSD", unit: "mm", digits: 1, better: "lower" },
    nsd2mm: { name: "NSD at 2 mm", unit: null, digits: 3, better: "higher" },
    rvd: { name: "|RVD|", unit: null, digits: 2, better: "lower" },
    sensitivity: {
      name: "Sensitivity",
      unit: null,
      digits: 3,
      better: "higher",
    },
    precision: { name: "Precision", unit: null, digits: 3, better: "higher" },
    volumeMl: { name: "Volume", unit: "ml", digits: 1, better: null },
    referenceVolumeMl: {
      name: "Reference volume",
      unit: "ml",
      digits: 1,
      better: null,
    },
    lesionRecall: {
      name: "Lesion recall",
      unit: null,
      digits: 2,
      better: "higher",
    },
    lesionPrecision: {
      name: "Lesion precision",
      unit: null,
      digits: 2,
      better: "higher",
    },
    falsePositiveMl: {
      name: "False lesions",
      unit: "ml",
      digits: 1,
      better: "lower",
    },
    falseNegativeMl: {
      name: "Missed lesions",
      unit: "ml",
      digits: 1,
      better: "lower",
    },
    suvMax: { name: "SUVmax", unit: null, digits: 1, better: null },
    suvMean: { name: "SUVmean", unit: null, digits: 1, better: null },
    suvPeak: { name: "SUVpeak", unit: null, digits: 1, better: null },
    tlgSuvMl: { name: "TLG", unit: "SUV ml", digits: 0, better: null },
    mtvMl: { name: "MTV", unit: "ml", digits: 1, better: null },
    predictedLesions: {
      name: "Lesions",
      unit: null,
      digits: 0,
      better: null,
    },
    referenceLesions: {
      name: "Reference lesions",
      unit: null,
      digits: 0,
      better: null,
    },
    volumeErrorMl: {
      name: "Volume error",
      unit: "ml",
      digits: 1,
      better: "lower",
    },
  },
);

/** A number with so many digits after the point; zero has no sign. */
export function digits(
  value: number | null | undefined,
  count: number,
): string {
  if (value === null || value === undefined) return NONE;
  const text = value.toFixed(count);
  return Number(text) === 0 ? (0).toFixed(count) : text;
}

/** A figure without its unit, which stands in the column's head. */
export function figureText(
  figure: Figure,
  value: number | null | undefined,
): string {
  return digits(value, FIGURE_TEXTS[figure].digits);
}

/** A figure's name with its unit: `HD95 (mm)`. */
export function figureHead(figure: Figure): string {
  const { name, unit } = FIGURE_TEXTS[figure];
  return unit === null ? name : `${name} (${unit})`;
}

/** A difference, which always shows its sign. */
export function signed(
  value: number | null | undefined,
  count: number,
): string {
  const text = digits(value, count);
  if (value === null || value === undefined) return text;
  return Number(text) > 0 ? `+${text}` : text.replace("-", "−");
}

/** A time as people read it, in UTC, to the minute: `2026-11-24 09:30`. */
export function timeText(iso: string | null | undefined): string {
  return iso === null || iso === undefined
    ? NONE
    : iso.slice(0, 16).replace("T", " ");
}

/** `1 case`, `2 cases`, `1,234 cases`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${whole(n)} ${n === 1 ? one : many}`;
}

/** A whole number with its thousands apart. */
export function whole(n: number): string {
  return n.toLocaleString("en");
}
