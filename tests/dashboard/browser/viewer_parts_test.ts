/** @module The parts of the viewer that need no browser. */
import { expect } from "@std/expect";
import { project } from "../../../dashboard/browser/viewer/projection.ts";
import {
  legendOf,
  paint,
  type Segmentations,
  type Shown,
} from "../../../dashboard/browser/viewer/segmentation.ts";
import { windowsOf } from "../../../dashboard/browser/viewer/windows.ts";

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

Deno.test("windowsOf() are fixed for SUV, and percentiles for what has no unit", () => {
  expect(windowsOf("SUV", () => 0, 0).map(({ lo, hi }) => [lo, hi])).toEqual([
    [0, 5],
    [0, 10],
    [0, 15],
  ]);
  const windows = windowsOf("unknown", (n) => n, 1001);
  expect(windows.map(({ lo, hi }) => [lo, hi])).toEqual([
    [500, 990],
    [500, 999],
    [0, 1000],
  ]);
  const [flat] = windowsOf("unknown", () => 3, 10);
  expect(flat!.hi).toBeGreaterThan(flat!.lo);
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
