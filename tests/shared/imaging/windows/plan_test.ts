import { expect } from "@std/expect";
import fc from "fast-check";
import {
  countWindows,
  planWindows,
} from "../../../../shared/imaging/windows/plan.ts";
import type { Vec3 } from "../../../../shared/imaging/volume.ts";

Deno.test("planWindows() moves the last window of an axis back to the edge", () => {
  const { axisStarts } = planWindows([100, 96, 150], [96, 96, 96], 0.25);
  expect(axisStarts).toEqual([[0, 4], [0], [0, 54]]);
});

Deno.test("planWindows() steps by trunc(roi * (1 - overlap)), at least 1", () => {
  const steps = [[0.25, 72], [0.5, 48], [0.7, 28], [0.75, 24], [0.8, 19]];
  for (const [overlap, step] of steps) {
    const { axisStarts } = planWindows([400, 96, 96], [96, 96, 96], overlap!);
    expect(axisStarts[0][1]).toBe(step);
  }
  const { axisStarts } = planWindows([6, 4, 4], [4, 4, 4], 0.99);
  expect(axisStarts[0]).toEqual([0, 1, 2]);
});

Deno.test("planWindows() lists windows in C order", () => {
  const { starts } = planWindows([3, 2, 3], [2, 2, 2], 0);
  expect(starts).toEqual([[0, 0, 0], [0, 0, 1], [1, 0, 0], [1, 0, 1]]);
});

Deno.test("planWindows() pads half of what is missing before, the larger half after", () => {
  const plan = planWindows([3, 8, 1], [8, 8, 2], 0.5);
  expect(plan.padBefore).toEqual([2, 0, 0]);
  expect(plan.paddedShape).toEqual([8, 8, 2]);
  expect(plan.starts).toEqual([[0, 0, 0]]);
});

Deno.test("planWindows() gives a whole-body scan of 149x132x271 voxels 128 windows", () => {
  const { axisStarts } = planWindows([149, 132, 271], [64, 64, 64], 0.5);
  expect(axisStarts).toEqual([
    [0, 32, 64, 85],
    [0, 32, 64, 68],
    [0, 32, 64, 96, 128, 160, 192, 207],
  ]);
});

Deno.test("planWindows() refuses impossible sizes and overlaps", () => {
  const refused: [Vec3, Vec3, number, string][] = [
    [[0, 4, 4], [4, 4, 4], 0.5, "volume must have positive whole sizes"],
    [[4, 4, 4], [4, 4.5, 4], 0.5, "current size is 4x4.5x4"],
    [[4, 4, 4], [4, 4, 4], 1, "must be in [0, 1): current value is 1"],
    [[4, 4, 4], [4, 4, 4], -0.1, "must be in [0, 1)"],
    [[4, 4, 4], [4, 4, 4], NaN, "must be in [0, 1)"],
  ];
  for (const [shape, roi, overlap, message] of refused) {
    const plan = () => planWindows(shape, roi, overlap);
    expect(plan).toThrow(RangeError);
    expect(plan).toThrow(message);
  }
});

Deno.test("planWindows() covers every voxel with windows inside the padded volume", () => {
  const size = fc.integer({ min: 1, max: 40 });
  const overlap = fc.double({ min: 0, max: 0.95, noNaN: true });
  fc.assert(
    fc.property(size, size, overlap, (length, roi, overlap) => {
      const { axisStarts, paddedShape, padBefore } = planWindows(
        [length, 1, 1],
        [roi, 1, 1],
        overlap,
      );
      const starts = axisStarts[0];
      expect(starts[0]).toBe(0);
      expect(starts.at(-1)! + roi).toBe(paddedShape[0]);
      for (let n = 1; n < starts.length; n++) {
        expect(starts[n]!).toBeGreaterThan(starts[n - 1]!);
        expect(starts[n]! - starts[n - 1]!).toBeLessThanOrEqual(roi);
      }
      expect(padBefore[0] + length).toBeLessThanOrEqual(paddedShape[0]);
    }),
  );
});

Deno.test("countWindows() counts what planWindows() plans", () => {
  expect(countWindows([149, 132, 271], [64, 64, 64], 0.5)).toBe(128);
  const size = fc.integer({ min: 1, max: 40 });
  const vec3 = fc.tuple(size, size, size);
  fc.assert(
    fc.property(
      vec3,
      vec3,
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      (shape, roi, overlap) => {
        expect(countWindows(shape, roi, overlap)).toBe(
          planWindows(shape, roi, overlap).starts.length,
        );
      },
    ),
    { numRuns: 50 },
  );
  expect(() => countWindows([4, 4, 4], [4, 4, 4], 1)).toThrow("[0, 1)");
});
