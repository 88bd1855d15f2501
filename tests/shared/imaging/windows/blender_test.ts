import { expect } from "@std/expect";
import fc from "fast-check";
import { Blender } from "../../../../shared/imaging/windows/blender.ts";
import { importanceMap } from "../../../../shared/imaging/windows/importance.ts";
import { planWindows } from "../../../../shared/imaging/windows/plan.ts";
import { type Vec3, voxelCount } from "../../../../shared/imaging/volume.ts";

Deno.test("Blender averages overlapping windows by their weights", () => {
  const plan = planWindows([3, 1, 1], [2, 1, 1], 0.5);
  const blender = new Blender(plan, 2, new Float32Array([1, 3]));
  const planes: [number, number[]][] = [];
  function take(to: number): void {
    for (const { index, scores } of blender.release(to)) {
      planes.push([index, [...scores]]);
    }
  }
  blender.add([0, 0, 0], new Float32Array([10, 20, 1, 2]));
  take(1);
  blender.add([1, 0, 0], new Float32Array([99, 40, 80, 5, 8]), 1);
  take(3);
  // The middle plane: (3 * 20 + 1 * 40) / 4 and (3 * 2 + 1 * 5) / 4.
  expect(planes).toEqual([[0, [10, 1]], [1, [25, 2.75]], [2, [80, 8]]]);
});

Deno.test("Blender leaves the padding out of the planes", () => {
  const plan = planWindows([1, 2, 1], [3, 2, 4], 0);
  const blender = new Blender(plan, 1, importanceMap(plan.roi, "constant"));
  blender.add([0, 0, 0], Float32Array.from({ length: 24 }, (_, n) => n));
  const planes = [...blender.release(3)].map(({ index, scores }) => [
    index,
    ...scores,
  ]);
  expect(planes).toEqual([[0, 9, 13]]);
});

Deno.test("Blender refuses windows outside the planes it holds", () => {
  const plan = planWindows([5, 1, 1], [2, 1, 1], 0.5);
  const blender = new Blender(plan, 1, new Float32Array([1, 1]));
  const scores = new Float32Array(2);
  expect(() => blender.add([1, 0, 0], scores)).toThrow(RangeError);
  blender.add([0, 0, 0], scores);
  for (const _ of blender.release(1));
  expect(() => blender.add([0, 0, 0], scores)).toThrow(
    "at plane 0 as the planes held start at 1",
  );
});

Deno.test("Blender holds no more planes than a window has, however long the volume", () => {
  const bytes = [10, 100, 1000].map((length) => {
    const plan = planWindows([length, 3, 2], [4, 2, 2], 0.5);
    const blender = new Blender(plan, 2, new Float32Array(16).fill(1));
    const scores = new Float32Array(32);
    plan.starts.forEach((start, window) => {
      blender.add(start, scores);
      expect(blender.heldPlanes).toBeLessThanOrEqual(4);
      const next = plan.starts[window + 1]?.[0] ?? length;
      for (const _ of blender.release(next));
    });
    expect(blender.heldPlanes).toBe(0);
    return blender.bytes;
  });
  // Ring of 4 planes: 2 classes and the weights; one plane handed out.
  expect(bytes).toEqual(bytes.map(() => (4 * 3 * 6 + 2 * 6) * 4));
});

Deno.test("Blender gives every voxel a weight: equal scores come back everywhere", () => {
  const size = fc.integer({ min: 1, max: 9 });
  const vec3: fc.Arbitrary<Vec3> = fc.tuple(size, size, size);
  const overlap = fc.double({ min: 0, max: 0.9, noNaN: true });
  const mode = fc.constantFrom("gaussian" as const, "constant" as const);
  fc.assert(
    fc.property(vec3, vec3, overlap, mode, (shape, roi, overlap, mode) => {
      const plan = planWindows(shape, roi, overlap);
      const importance = importanceMap(roi, mode);
      const blender = new Blender(plan, 1, importance);
      const scores = new Float32Array(voxelCount(roi)).fill(7);
      let planes = 0;
      plan.starts.forEach((start, window) => {
        blender.add(start, scores);
        const next = plan.starts[window + 1]?.[0] ?? plan.paddedShape[0];
        for (const plane of blender.release(next)) {
          expect(plane.index).toBe(planes++);
          for (const score of plane.scores) expect(score).toBeCloseTo(7, 4);
        }
      });
      expect(planes).toBe(shape[0]);
      expect(importance.every((weight) => weight > 0)).toBe(true);
    }),
    { numRuns: 50 },
  );
});
