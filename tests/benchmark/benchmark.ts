/**
 * What a benchmark is, and what is made of its figures. Benchmarks are never tests: no time fails a build.
 * @module
 */
import { plainTable } from "../../jobs/cli/summary_text.ts";

/** One figure: what was measured here, beside what was asked for and what PyTorch and MONAI took. */
export interface Figure {
  readonly name: string;
  /** Best of the repeats. */
  readonly value: number;
  readonly unit: "s" | "kB" | "GB" | "%" | "x" | "windows" | "records/s";
  /** Asked for on the machine that the reference figures come from. */
  readonly target?: number;
  /** PyTorch 1.13 with MONAI 1.5, on 2 cores with AVX-512. */
  readonly reference?: number;
  readonly repeats?: number;
  readonly remark?: string;
}

/** A group of figures that are measured in one process. */
export type Benchmark = () => Promise<readonly Figure[]>;

/** Best time of several calls in seconds; the first call warms up and does not count. */
export async function bestSeconds(
  repeats: number,
  work: () => unknown | Promise<unknown>,
): Promise<number> {
  let best = Infinity;
  for (let n = 0; n <= repeats; n++) {
    const startedAt = performance.now();
    await work();
    if (n > 0) best = Math.min(best, (performance.now() - startedAt) / 1000);
  }
  return best;
}

/** How busy the machine is, over the last minute. */
export function load(): string {
  return Deno.loadavg()[0]!.toFixed(1);
}

/** Figures as a table for people. */
export function figuresTable(figures: readonly Figure[]): string {
  const table = plainTable([
    "Benchmark",
    "Here",
    "Target",
    "PyTorch + MONAI",
    "Faster than they",
    "Remark",
  ]);
  const show = (value: number | undefined, unit: string) =>
    value === undefined ? "-" : `${Number(value.toPrecision(3))} ${unit}`;
  for (const { name, value, unit, target, reference, remark } of figures) {
    table.push([
      name,
      show(value, unit),
      show(target, unit),
      show(reference, unit),
      reference === undefined ? "-" : `${(reference / value).toFixed(1)}x`,
      remark ?? "",
    ]);
  }
  return table.toString();
}
