/** @module Windows: which values stand at the ends of the greys. */

export interface GreyWindow {
  readonly name: string;
  readonly lo: number;
  readonly hi: number;
}

const SUV_ENDS = [5, 10, 15];

/** Of values in no known unit: between these percentiles. */
const PERCENTILES = [[50, 99], [50, 99.9], [0, 100]] as const;

/** Voxels looked at: enough for percentiles by eye. */
const SAMPLE = 200_000;

export function windowsOf(
  unit: "SUV" | "unknown",
  valueAt: (index: number) => number,
  count: number,
): GreyWindow[] {
  if (unit === "SUV") {
    return SUV_ENDS.map((hi) => ({ name: `SUV 0 to ${hi}`, lo: 0, hi }));
  }
  const step = Math.max(1, Math.floor(count / SAMPLE));
  const values = new Float32Array(Math.ceil(count / step));
  for (let n = 0; n < values.length; n++) values[n] = valueAt(n * step);
  values.sort();
  const at = (percent: number) =>
    values[Math.round(percent / 100 * (values.length - 1))] ?? 0;
  return PERCENTILES.map(([from, to]) => {
    const lo = at(from);
    const hi = at(to);
    const name = to === 100 ? "All values" : `${from} to ${to} %`;
    return { name, lo, hi: hi > lo ? hi : lo + 1 };
  });
}
