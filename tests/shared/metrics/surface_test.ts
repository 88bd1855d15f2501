import { expect } from "@std/expect";
import { surfaceVoxels } from "../../../shared/metrics/surface.ts";
import { maskAt, maskOfBox } from "./volumes.ts";

Deno.test("surfaceVoxels() leaves out a cube's inside", () => {
  const cube = maskOfBox([7, 7, 7], [1, 1, 1], [6, 6, 6]);
  const surface = surfaceVoxels(cube, [7, 7, 7]);
  expect(surface.length).toBe(5 ** 3 - 3 ** 3);
  expect(surface).not.toContain((3 * 7 + 3) * 7 + 3);
  expect([...surface]).toEqual([...surface].sort((a, b) => a - b));
});

Deno.test("surfaceVoxels() takes voxels at the volume's border as surface", () => {
  const full = new Uint8Array(27).fill(1);
  expect([...surfaceVoxels(full, [3, 3, 3])]).toEqual(
    Array.from({ length: 27 }, (_, n) => n).filter((n) => n !== 13),
  );
});

Deno.test("surfaceVoxels() does not look at neighbours across an edge", () => {
  const dented = maskOfBox([5, 5, 5], [0, 0, 0], [5, 5, 5]);
  dented.set(maskAt([5, 5, 5], [[2, 2, 2]]).map((inside) => 1 - inside));
  const surface = surfaceVoxels(dented, [5, 5, 5]);
  // Of the inner 3x3x3 voxels only the six that share a face with the hole.
  expect(surface.length).toBe(5 ** 3 - 3 ** 3 + 6);
});

Deno.test("surfaceVoxels() finds none in an empty mask", () => {
  expect(surfaceVoxels(new Uint8Array(8), [2, 2, 2]).length).toBe(0);
});
