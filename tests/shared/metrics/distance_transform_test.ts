import { expect } from "@std/expect";
import fc from "fast-check";
import type { Vec3 } from "../../../shared/imaging/volume.ts";
import { nearestDistancesMm } from "../../../shared/metrics/distance_transform.ts";

/** Every pair of voxels, measured. */
function bruteForce(
  from: Int32Array,
  to: Int32Array,
  [, nj, nk]: Vec3,
  [si, sj, sk]: Vec3,
): number[] {
  const position = (n: number): Vec3 => [
    Math.floor(n / nk / nj) * si,
    (Math.floor(n / nk) % nj) * sj,
    (n % nk) * sk,
  ];
  return Array.from(from, (a) => {
    const [x, y, z] = position(a);
    const distances = Array.from(to, (b) => {
      const [u, v, w] = position(b);
      return Math.hypot(x - u, y - v, z - w);
    });
    return Math.min(...distances);
  });
}

const size = fc.integer({ min: 1, max: 8 });
const spacing = fc.double({ min: 0.3, max: 6, noNaN: true });
const voxelSets = fc.tuple(size, size, size).chain(([ni, nj, nk]) => {
  const voxels = fc.uniqueArray(fc.nat(ni * nj * nk - 1), { maxLength: 60 })
    .map((indices) => Int32Array.from(indices).sort());
  return fc.record({
    shape: fc.constant<Vec3>([ni, nj, nk]),
    spacingMm: fc.tuple(spacing, spacing, spacing),
    from: voxels,
    to: voxels,
  });
});

Deno.test("nearestDistancesMm() agrees with measuring every pair", () => {
  fc.assert(
    fc.property(voxelSets, ({ shape, spacingMm, from, to }) => {
      const distances = nearestDistancesMm(from, to, shape, spacingMm);
      const expected = bruteForce(from, to, shape, spacingMm);
      expect(distances.length).toBe(expected.length);
      distances.forEach((distance, n) =>
        Number.isFinite(expected[n])
          ? expect(distance).toBeCloseTo(expected[n]!, 9)
          : expect(distance).toBe(Infinity)
      );
    }),
    { numRuns: 500 },
  );
});

Deno.test("nearestDistancesMm() weighs each axis with its own spacing", () => {
  const shape: Vec3 = [3, 3, 3];
  const corner = Int32Array.of(0);
  const along = Int32Array.of(1, 3, 9);
  const spacingMm: Vec3 = [4, 2, 0.5];
  expect([...nearestDistancesMm(along, corner, shape, spacingMm)])
    .toEqual([0.5, 2, 4]);
  expect([...nearestDistancesMm(corner, along, shape, spacingMm)])
    .toEqual([0.5]);
});
