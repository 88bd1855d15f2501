import { expect } from "@std/expect";
import { spacingMm } from "../../../shared/imaging/affine.ts";
import {
  respacedGrid,
  roundHalfEven,
} from "../../../shared/imaging/spacing.ts";
import type { Affine, Grid, Vec3 } from "../../../shared/imaging/volume.ts";

function grid(shape: Vec3, [x, y, z]: Vec3): Grid {
  return { shape, affine: [x, 0, 0, 5, 0, y, 0, 6, 0, 0, z, 7, 0, 0, 0, 1] };
}

Deno.test("roundHalfEven() rounds halves to the even neighbour", () => {
  const rounded = [0.5, 1.5, 2.5, 72.5, -0.5, -1.5, 2.4, 2.6, -2.6, 3];
  expect(rounded.map(roundHalfEven).map((n) => n + 0)).toEqual(
    [0, 2, 2, 72, 0, -2, 2, 3, -3, 3],
  );
});

Deno.test("respacedGrid() counts voxels between the outer centres", () => {
  const sizes: [number, number, number, number][] = [
    // voxels, old mm, new mm, voxels after
    [144, 4, 1, 573],
    [276, 4, 1.2, 918],
    [144, 4, 8, 72], // 72.5: half to even
    [146, 4, 8, 74], // 73.5
    [1, 3, 1, 1],
    [192, 3.125, 4, 150],
    [2, 1, 100, 1],
  ];
  for (const [size, old, wanted, expected] of sizes) {
    const { shape } = respacedGrid(grid([size, 5, 5], [old, 2, 2]), [
      wanted,
      2,
      2,
    ]);
    expect(shape).toEqual([expected, 5, 5]);
  }
});

Deno.test("respacedGrid() keeps the first voxel and the directions", () => {
  const { affine } = respacedGrid(grid([10, 10, 10], [-4, -4, 3]), [3, 2, 6]);
  expect(affine.map((value) => value + 0)).toEqual(
    [-3, 0, 0, 5, 0, -2, 0, 6, 0, 0, 6, 7, 0, 0, 0, 1],
  );
});

Deno.test("respacedGrid() returns the grid itself for voxels of that size", () => {
  const same = grid([10, 10, 10], [-4, 4.0004, 3]);
  expect(respacedGrid(same, [4.0005, 4, 3])).toBe(same);
  expect(respacedGrid(same, [4.01, 4, 3])).not.toBe(same);
});

Deno.test("respacedGrid() leaves an axis alone that has the wanted size within a thousandth", () => {
  const { affine, shape } = respacedGrid(
    grid([10, 10, 10], [4, 4.0004, 3]),
    [2, 4, 3],
  );
  expect(spacingMm(affine)).toEqual([2, 4.0004, 3]);
  expect(shape).toEqual([19, 10, 10]);
});

/** j leans into i by `lean` mm per voxel. */
function leaning(lean: number): Grid {
  const affine: Affine = [2, lean, 0, 5, 0, 2, 0, 6, 0, 0, 2, 7, 0, 0, 0, 1];
  return { shape: [11, 21, 5], affine };
}

Deno.test("respacedGrid() drops shear and makes room for what leans out", () => {
  const { affine, shape } = respacedGrid(leaning(1), [1, 1, 1]);
  // x spans 10 * 2 + 20 * 1 mm, y 20 * 2, z 4 * 2.
  expect(shape).toEqual([41, 41, 9]);
  expect(affine).toEqual([1, 0, 0, 5, 0, 1, 0, 6, 0, 0, 1, 7, 0, 0, 0, 1]);
});

Deno.test("respacedGrid() centres the new grid where shear leads out below its origin", () => {
  const { affine, shape } = respacedGrid(leaning(-1), [1, 1, 1]);
  expect(shape).toEqual([41, 41, 9]);
  // Old middle, at index (5.5, 10.5, 2.5): x = 5 + 11 - 10.5, y = 6 + 21, z = 7 + 5.
  // New middle, at index (20.5, 20.5, 4.5): so the origin lies that far below.
  expect([affine[3], affine[7], affine[11]]).toEqual([-15, 6.5, 7.5]);
});
