import { expect } from "@std/expect";
import {
  AS_STORED,
  rasOrientation,
  storedLayout,
  turnedLayout,
  turnedShape,
} from "../../../shared/imaging/orientation.ts";
import type { Affine, Vec3 } from "../../../shared/imaging/volume.ts";

/** Columns are the world directions of i, j, k. */
function columns(i: Vec3, j: Vec3, k: Vec3): Affine {
  return [
    [i[0], j[0], k[0], 7],
    [i[1], j[1], k[1], 8],
    [i[2], j[2], k[2], 9],
    [0, 0, 0, 1],
  ].flat();
}

const degrees = Math.PI / 180;

const cases = [
  {
    name: "RAS",
    affine: columns([2, 0, 0], [0, 3, 0], [0, 0, 4]),
    axes: [0, 1, 2],
    flips: [false, false, false],
  },
  {
    name: "LPS",
    affine: columns([-2, 0, 0], [0, -3, 0], [0, 0, 4]),
    axes: [0, 1, 2],
    flips: [true, true, false],
  },
  {
    name: "sagittal PSR (i to posterior, j to superior, k to the right)",
    affine: columns([0, -1, 0], [0, 0, 1], [1, 0, 0]),
    axes: [2, 0, 1],
    flips: [false, true, false],
  },
  {
    name: "a volume tilted by 40 degrees about the long axis",
    affine: columns(
      [Math.cos(40 * degrees), Math.sin(40 * degrees), 0],
      [-Math.sin(40 * degrees), Math.cos(40 * degrees), 0],
      [0, 0, -1],
    ),
    axes: [0, 1, 2],
    flips: [false, false, true],
  },
  {
    name: "a volume tilted by 50 degrees about the long axis",
    affine: columns(
      [Math.cos(50 * degrees), Math.sin(50 * degrees), 0],
      [-Math.sin(50 * degrees), Math.cos(50 * degrees), 0],
      [0, 0, 1],
    ),
    axes: [1, 0, 2],
    flips: [true, false, false],
  },
  {
    name: "two axes that both lean to the right: the more certain one has it",
    affine: columns([0.8, 0.6, 0], [0.9, 0, 0.1], [0, 0, 1]),
    axes: [1, 0, 2],
    flips: [false, false, false],
  },
];

for (const { name, affine, axes, flips } of cases) {
  Deno.test(`rasOrientation() turns ${name}`, () => {
    expect(rasOrientation(affine)).toEqual({ axes, flips });
  });
}

Deno.test("turnedLayout() walks the stored array by turned axes", () => {
  // Stored 2 x 3 x 4; turned axis 0 is stored k, axis 1 is stored i backwards, axis 2 is stored j.
  const orientation = {
    axes: [2, 0, 1],
    flips: [false, true, false],
  } as const;
  expect(turnedShape([2, 3, 4], orientation)).toEqual([4, 2, 3]);
  const { base, steps } = turnedLayout([2, 3, 4], orientation, [1, 0, 2]);
  expect(base).toBe(1 * 12 + 2 * 4 + 1); // i = 1 (backwards from 0), j = 2, k = 1
  expect(steps).toEqual([1, -12, 4]);
});

Deno.test("storedLayout() walks the turned array by stored axes", () => {
  const orientation = {
    axes: [2, 0, 1],
    flips: [false, true, false],
  } as const;
  // The turned array is 4 x 2 x 3: steps 6, 3, 1 along stored k, i, j.
  expect(storedLayout([2, 3, 4], orientation))
    .toEqual({ base: 3, steps: [-3, 1, 6] });
  expect(storedLayout([2, 3, 4], AS_STORED))
    .toEqual({ base: 0, steps: [12, 4, 1] });
});
