/** @module The figures kept of a case and class: those that summaries show, and what lists sort by. */
import { SUMMARISED } from "../metrics/summary.ts";

/** Beside those of summaries; `volumeErrorMl` is |mask - reference|. */
export const FIGURES = [
  ...SUMMARISED,
  "mtvMl",
  "predictedLesions",
  "referenceLesions",
  "volumeErrorMl",
] as const;
export type Figure = typeof FIGURES[number];

/** Null where a figure is undefined, or has no label to compare with. */
export type Figures = Readonly<Record<Figure, number | null>>;
