/** @module Windows: which values stand at the ends of the greys. */

export interface GreyWindow {
  readonly lo: number;
  readonly hi: number;
}

type Unit = "SUV" | "unknown";

interface Choice {
  readonly name: string;
  readonly of: (values: Values) => GreyWindow;
}

interface Values {
  /** The value that so many percent are below. */
  percentile(percent: number): number;
  all(): GreyWindow;
}

/** The upper ones are for tracers and organs of much uptake. */
const SUV_ENDS = [5, 10, 15, 20, 30];

/** From the smallest value: background stays background, whatever the values mean. */
const UP_TO = (percent: number): Choice => ({
  name: `${percent}th percentile`,
  of: (values) => ({
    lo: values.percentile(0),
    hi: values.percentile(percent),
  }),
});
const ALL: Choice = { name: "All values", of: (values) => values.all() };

const CHOICES: Readonly<Record<Unit, readonly Choice[]>> = {
  SUV: [
    ...SUV_ENDS.map((hi) => ({
      name: `SUV 0 to ${hi}`,
      of: () => ({ lo: 0, hi }),
    })),
    {
      ...UP_TO(99.9),
      of: (values) => ({ lo: 0, hi: values.percentile(99.9) }),
    },
    ALL,
  ],
  unknown: [UP_TO(99), UP_TO(99.9), ALL],
};

/** Voxels looked at: enough for percentiles by eye. */
const SAMPLE = 200_000;

/** Known before the values are. */
export function windowNames(unit: Unit): string[] {
  return CHOICES[unit].map(({ name }) => name);
}

/** Finds the window of each of {@linkcode windowNames}; looks at values no sooner than one needs them. */
export function windowFinder(
  unit: Unit,
  valueAt: (index: number) => number,
  count: number,
): (index: number) => GreyWindow {
  let sample: Float32Array | null = null;
  const values: Values = {
    percentile(percent) {
      sample ??= sortedSample(valueAt, count);
      return sample[Math.round(percent / 100 * (sample.length - 1))] ?? 0;
    },
    all() {
      let [lo, hi] = [Infinity, -Infinity];
      for (let n = 0; n < count; n++) {
        const value = valueAt(n);
        if (value < lo) lo = value;
        if (value > hi) hi = value;
      }
      return hi < lo ? { lo: 0, hi: 1 } : { lo, hi };
    },
  };
  const found = new Map<number, GreyWindow>();
  return (index) => {
    const known = found.get(index);
    if (known !== undefined) return known;
    const { lo, hi } = CHOICES[unit][index]!.of(values);
    const window = { lo, hi: hi > lo ? hi : lo + 1 };
    found.set(index, window);
    return window;
  };
}

function sortedSample(
  valueAt: (index: number) => number,
  count: number,
): Float32Array {
  const step = Math.max(1, Math.floor(count / SAMPLE));
  const values = new Float32Array(Math.ceil(count / step));
  for (let n = 0; n < values.length; n++) values[n] = valueAt(n * step);
  return values.sort();
}
