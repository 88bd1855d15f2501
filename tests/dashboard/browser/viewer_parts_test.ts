/** @module The parts of the viewer that need no browser. */
import { expect } from "@std/expect";
import { middleOf } from "../../../dashboard/browser/viewer/middle.ts";
import { project } from "../../../dashboard/browser/viewer/projection.ts";
import {
  legendOf,
  paint,
  type Segmentations,
  type Shown,
} from "../../../dashboard/browser/viewer/segmentation.ts";
import { valueText } from "../../../dashboard/browser/viewer/value_text.ts";
import {
  windowFinder,
  windowNames,
} from "../../../dashboard/browser/viewer/windows.ts";
import {
  keptInView,
  NO_ZOOM,
  type Zoom,
  zoomedAround,
} from "../../../dashboard/browser/viewer/zoom.ts";

/** A row of seven voxels: mask 1 1 1 1 1 0 0, label 0 0 0 1 1 1 0. */
const row: Segmentations = {
  mask: Uint8Array.of(1, 1, 1, 1, 1, 0, 0),
  label: Uint8Array.of(0, 0, 0, 1, 1, 1, 0),
  shape: [7, 1, 1],
};

function painted(shown: Partial<Shown>, of = row): number[] {
  const colours = new Uint8Array(7);
  paint(of, { mode: "fill", mask: true, label: true, ...shown }, colours);
  return [...colours];
}

Deno.test("paint() shows what was missed in one colour and what is false in another", () => {
  expect(painted({ mode: "difference" })).toEqual([4, 4, 4, 6, 6, 5, 0]);
  const classes = {
    ...row,
    mask: Uint8Array.of(1, 2, 0, 0, 0, 0, 0),
    label: Uint8Array.of(2, 2, 0, 0, 0, 0, 0),
  };
  // Another class than the label's is not found.
  expect(painted({ mode: "difference" }, classes)).toEqual([
    5,
    6,
    0,
    0,
    0,
    0,
    0,
  ]);
});

Deno.test("paint() fills, and leaves out what is switched off", () => {
  expect(painted({})).toEqual([1, 1, 1, 3, 3, 2, 0]);
  expect(painted({ label: false })).toEqual([1, 1, 1, 1, 1, 0, 0]);
  expect(painted({ mask: false })).toEqual([0, 0, 0, 2, 2, 2, 0]);
  expect(painted({ mode: "none" })).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

Deno.test("paint() outlines the voxels at the border, the mask's over the label's", () => {
  const size = 5;
  const mask = new Uint8Array(size ** 3);
  for (let n = 0; n < mask.length; n++) {
    const [i, j, k] = [
      n % size,
      Math.floor(n / size) % size,
      Math.floor(n / size ** 2),
    ];
    if ([i, j, k].every((at) => at >= 1 && at <= 3)) mask[n] = 1;
  }
  const colours = new Uint8Array(mask.length);
  paint(
    { mask, label: null, shape: [size, size, size] },
    { mode: "outline", mask: true, label: true },
    colours,
  );
  expect(colours.filter((value) => value === 1).length).toBe(26);
  expect(colours[62]).toBe(0);
});

Deno.test("legendOf() names only what can be seen", () => {
  const shown = { mode: "outline", mask: true, label: true } as const;
  expect(legendOf(row, shown)).toEqual([1, 2]);
  expect(legendOf(row, { ...shown, mode: "difference" })).toEqual([5, 4, 6]);
  expect(legendOf({ ...row, label: null }, { ...shown, mode: "difference" }))
    .toEqual([1]);
  expect(legendOf(row, { ...shown, mode: "none" })).toEqual([]);
});

Deno.test("paint() lets outlines take turns where they meet, along every axis", () => {
  const size = 11;
  const at = (i: number, j: number, k: number) => (k * size + j) * size + i;
  const cube = new Uint8Array(size ** 3);
  for (let k = 1; k < 10; k++) {
    for (let j = 1; j < 10; j++) cube.fill(1, at(1, j, k), at(10, j, k));
  }
  const colours = new Uint8Array(cube.length);
  paint(
    { mask: cube, label: cube, shape: [size, size, size] },
    { mode: "outline", mask: true, label: true },
    colours,
  );
  const along = (of: (n: number) => number) =>
    new Set(Array.from({ length: 7 }, (_, n) => colours[of(n + 2)]));
  const both = new Set([1, 2]);
  expect(along((n) => at(n, 1, 5))).toEqual(both);
  expect(along((n) => at(1, n, 5))).toEqual(both);
  expect(along((n) => at(1, 5, n))).toEqual(both);
  expect(along((n) => at(n, 1, n))).toEqual(both);
  expect(along((n) => at(1, n, 10 - n))).toEqual(both);
});

Deno.test("windowFinder() knows fixed windows for SUV, percentiles and all values for every unit", () => {
  const windows = (unit: "SUV" | "unknown") => {
    const find = windowFinder(unit, (n) => n, 1001);
    return windowNames(unit).map((name, n) => {
      const { lo, hi } = find(n);
      return [name, lo, hi];
    });
  };
  expect(windows("SUV")).toEqual([
    ["SUV 0 to 5", 0, 5],
    ["SUV 0 to 10", 0, 10],
    ["SUV 0 to 15", 0, 15],
    ["SUV 0 to 20", 0, 20],
    ["SUV 0 to 30", 0, 30],
    ["99.9th percentile", 0, 999],
    ["All values", 0, 1000],
  ]);
  expect(windows("unknown")).toEqual([
    ["99th percentile", 0, 990],
    ["99.9th percentile", 0, 999],
    ["All values", 0, 1000],
  ]);
  const flat = windowFinder("unknown", () => 3, 10)(0);
  expect(flat.hi).toBeGreaterThan(flat.lo);
});

Deno.test("windowFinder() starts percentiles at 0 SUV, and at the smallest of values in an unknown unit", () => {
  const loOf = (unit: "SUV" | "unknown") =>
    windowFinder(unit, (n) => n - 20, 1001)(
      windowNames(unit).indexOf("99.9th percentile"),
    ).lo;
  expect([loOf("SUV"), loOf("unknown")]).toEqual([0, -20]);
});

Deno.test("windowFinder() misses no value, however few are looked at for percentiles", () => {
  const find = windowFinder("unknown", (n) => n === 777_777 ? 9 : 1, 2_000_000);
  expect(find(2)).toEqual({ lo: 1, hi: 9 });
});

Deno.test("valueText() has as many digits as anyone can use", () => {
  expect([7.25, 12.34, 109, 0, 0.5, 0.00123].map(valueText)).toEqual([
    "7.25",
    "12.3",
    "109.0",
    "0.00",
    "0.50",
    "0.0012",
  ]);
});

Deno.test("zoomedAround() leaves what it goes around where it shows", () => {
  const mm = [30, -20, 100] as const;
  const showsAt = ({ factor, panMm }: Zoom) =>
    mm.map((one, axis) => one * factor + panMm[axis]!);
  const near = zoomedAround(NO_ZOOM, 4, mm);
  expect(near.factor).toBe(4);
  expect(showsAt(near)).toEqual([30, -20, 100]);
  expect(showsAt(zoomedAround(near, 0.5, mm))).toEqual([30, -20, 100]);
  expect(zoomedAround(near, 0.2, mm)).toEqual(NO_ZOOM);
  expect(zoomedAround(near, 100, mm).factor).toBe(20);
});

Deno.test("keptInView() shows a place in the middle that could not be seen", () => {
  const extentMm = { low: [-100, -100, 0], high: [100, 100, 500] } as const;
  const near = zoomedAround(NO_ZOOM, 4, [0, 0, 250]);
  expect(keptInView(near, [10, 10, 250], extentMm)).toEqual(near);
  const { factor, panMm } = keptInView(near, [10, 60, 400], extentMm);
  expect([
    10 * factor + panMm[0],
    60 * factor + panMm[1],
    400 * factor + panMm[2],
  ]).toEqual([40, 0, 250]);
  expect(keptInView(NO_ZOOM, [99, 99, 499], extentMm)).toEqual(NO_ZOOM);
});

Deno.test("middleOf() is a voxel of the segmentation, also where its middle is empty", () => {
  const ring = new Uint8Array(5 * 5 * 3);
  for (const n of [6, 7, 8, 11, 13, 16, 17, 18]) ring[25 + n] = 1;
  const [i, j, k] = middleOf(ring, [5, 5, 3])!;
  expect(ring[(k * 5 + j) * 5 + i]).toBe(1);
  expect(k).toBe(1);
  expect(Math.hypot(i - 2, j - 2)).toBe(1);
  expect(middleOf(new Uint8Array(75), [5, 5, 3])).toBe(null);
});

Deno.test("project() looks from the front: right is left, the head is up, whatever the voxels' order", () => {
  // One hot voxel, in the patient's left foot, seen in two orders of voxels.
  const shape = [2, 3, 4] as const;
  const lps = [[-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 1, 0]];
  const ras = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]];
  for (const [affine, hot] of [[lps, 1], [ras, 0]] as const) {
    const projection = project({
      shape,
      affine,
      valueAt: (n) => n === hot ? 9 : n === hot + 4 ? 5 : 1,
    });
    expect([projection.width, projection.height]).toEqual([2, 4]);
    const pixel = 3 * 2 + 1;
    expect(projection.values[pixel]).toBe(9);
    expect(projection.indices[pixel]).toBe(hot);
    expect(projection.pixelOf(projection.voxelOf(hot))).toEqual([1, 3]);
    expect(projection.values[0]).toBe(1);
    const shadow = projection.shadow(
      Uint8Array.from({ length: 24 }, (_, n) => Number(n === hot + 4)),
    );
    expect([...shadow].indexOf(1)).toBe(pixel);
  }
});
