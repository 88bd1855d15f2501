/** @module Windows: which values stand at the ends of the greys. */

export interface GreyWindow {
  readonly name: string;
  readonly lo: number;
  readonly hi: number;
}

const SUV_ENDS = [5, 10, 15];

/** Of values in no known unit: between these percentiles. */
const PERCENTILES = [
  { name: "Up to 99th percentile", from: 50, to: 99 },
  { name: "Up to 99.9th percentile", from: 50, to: 99.9 },
  { name: "All values", from: 0, to: 100 },
];

/** Voxels looked at: enough for percentiles by eye. */
const SAMPLE = 200_000;

/** Known before the values are. */
export function windowNames(unit: "SUV" | "unknown"): string[] {
  return unit === "SUV"
    ? SUV_ENDS.map((hi) => `SUV 0 to ${hi}`)
    : PERCENTILES.map(({ name }) => name);
}

/** @returns one for each of {@linkcode windowNames} */
export function windowsOf(
  unit: "SUV" | "unknown",
  valueAt: (index: number) => number,
  count: number,
): GreyWindow[] {
  const names = windowNames(unit);
  if (unit === "SUV") {
    return SUV_ENDS.map((hi, n) => ({ name: names[n]!, lo: 0, hi }));
  }
  const step = Math.max(1, Math.floor(count / SAMPLE));
  const values = new Float32Array(Math.ceil(count / step));
  for (let n = 0; n < values.length; n++) values[n] = valueAt(n * step);
  values.sort();
  const at = (percent: number) =>
    values[Math.round(percent / 100 * (values.length - 1))] ?? 0;
  return PERCENTILES.map(({ name, from, to }) => {
    const lo = at(from);
    const hi = at(to);
    return { name, lo, hi: hi > lo ? hi : lo + 1 };
  });
}
