/**
 * An evaluation in a few numbers, as they stand in the table.
 * @module
 */
import type { RunSummary } from "../../../shared/runs/records.ts";

export interface Figures {
  /** Cases that were measured. */
  readonly n: number;
  /** Over cases and classes; a miss and a false alarm count 0. Null without cases. */
  readonly meanDice: number | null;
  /** Over cases and classes that have one. */
  readonly hd95Mm: number | null;
  /** How many of those there are. */
  readonly nHd95: number;
}

export function figuresOf({ metrics }: RunSummary): Figures {
  const dice = pooled(metrics.classes.map((of) => of.metrics.dice));
  const hd95 = pooled(metrics.classes.map((of) => of.metrics.hd95Mm));
  return {
    n: metrics.nLabelled,
    meanDice: dice.mean,
    hd95Mm: hd95.mean,
    nHd95: hd95.n,
  };
}

/** The mean over the values of all classes together. */
function pooled(
  classes: readonly {
    readonly mean: number | null;
    readonly nCounted: number;
  }[],
): { mean: number | null; n: number } {
  const n = classes.reduce((total, { nCounted }) => total + nCounted, 0);
  if (n === 0) return { mean: null, n };
  const sum = classes.reduce(
    (total, { mean, nCounted }) => total + (mean ?? 0) * nCounted,
    0,
  );
  return { mean: sum / n, n };
}
