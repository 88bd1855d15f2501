import { expect } from "@std/expect";
import fc from "fast-check";
import type { Vec3 } from "../../../shared/imaging/volume.ts";
import {
  assdMm,
  hausdorffMm,
  measureSurfaces,
  nsd,
  surfaceDistances,
} from "../../../shared/metrics/surface_distance.ts";
import { maskAt, maskOfBox, maskWhere } from "./volumes.ts";

Deno.test("surfaceDistances() of two single voxels is the distance between them", () => {
  const shape: Vec3 = [1, 3, 4];
  const distances = surfaceDistances(
    maskAt(shape, [[0, 0, 0]]),
    maskAt(shape, [[0, 2, 3]]),
    shape,
    [5, 2, 1],
  );
  expect([...distances.maskToReferenceMm]).toEqual([5]);
  expect([...distances.referenceToMaskMm]).toEqual([5]);
  expect(measureSurfaces(distances)).toEqual({
    hd95Mm: 5,
    hdMm: 5,
    assdMm: 5,
    nsd2mm: 0,
  });
});

Deno.test("measureSurfaces() takes the worse direction, and pools both for the mean", () => {
  const shape: Vec3 = [1, 1, 11];
  // One voxel against three: the lists are [0] and [0, 4, 10].
  const distances = surfaceDistances(
    maskAt(shape, [[0, 0, 0]]),
    maskAt(shape, [[0, 0, 0], [0, 0, 4], [0, 0, 10]]),
    shape,
    [1, 1, 1],
  );
  expect([...distances.maskToReferenceMm]).toEqual([0]);
  expect([...distances.referenceToMaskMm]).toEqual([0, 4, 10]);
  expect(hausdorffMm(distances, 100)).toBe(10);
  // Position 0.95 x 2 = 1.9 between 4 and 10.
  expect(hausdorffMm(distances, 95)).toBeCloseTo(4 + 0.9 * 6, 12);
  expect(assdMm(distances)).toBe(14 / 4);
  expect(nsd(distances, 3.9)).toBe(2 / 4);
  expect(nsd(distances, 4)).toBe(3 / 4);
});

Deno.test("measureSurfaces() of nested cubes is the gap at the faces and its diagonal at the corners", () => {
  const shape: Vec3 = [9, 9, 9];
  const inner = maskOfBox(shape, [3, 3, 3], [6, 6, 6]);
  const outer = maskOfBox(shape, [1, 1, 1], [8, 8, 8]);
  const distances = surfaceDistances(inner, outer, shape, [1.5, 1.5, 1.5]);
  expect(new Set(distances.maskToReferenceMm)).toEqual(new Set([3]));
  expect(distances.referenceToMaskMm[0]).toBe(3);
  expect(measureSurfaces(distances).hdMm).toBeCloseTo(3 * Math.sqrt(3), 12);
});

for (
  const [axis, spacingMm] of [
    [0, [3, 2, 1]],
    [1, [3, 2, 1]],
    [2, [0.7, 1.9, 4]],
  ] as const
) {
  Deno.test(`measureSurfaces() of a ball shifted along axis ${axis} is the shift`, () => {
    const shape: Vec3 = [24, 24, 24];
    const ball = (shift: number) =>
      maskWhere(
        shape,
        (...at) =>
          at.reduce(
            (sum, x, a) => sum + (x - 10 - (a === axis ? shift : 0)) ** 2,
            0,
          ) <= 36,
      );
    const metrics = measureSurfaces(
      surfaceDistances(ball(0), ball(3), shape, spacingMm),
    );
    expect(metrics.hdMm).toBeCloseTo(3 * spacingMm[axis], 12);
    expect(metrics.assdMm).toBeGreaterThan(0);
    expect(metrics.assdMm).toBeLessThan(3 * spacingMm[axis]);
  });
}

Deno.test("measureSurfaces() of nested balls is the difference of their radii to within a voxel", () => {
  const shape: Vec3 = [48, 48, 24];
  const ball = (radiusMm: number) =>
    maskWhere(
      shape,
      (i, j, k) => Math.hypot(i - 23.5, j - 23.5, 2 * (k - 11.5)) <= radiusMm,
    );
  const metrics = measureSurfaces(
    surfaceDistances(ball(10), ball(20), shape, [1, 1, 2]),
  );
  expect(Math.abs(metrics.hdMm! - 10)).toBeLessThan(2);
  expect(Math.abs(metrics.hd95Mm! - 10)).toBeLessThan(1.5);
  expect(Math.abs(metrics.assdMm! - 10)).toBeLessThan(1);
  expect(metrics.nsd2mm).toBe(0);
});

Deno.test("measureSurfaces() gives zero distance and full agreement for equal masks", () => {
  const shape: Vec3 = [4, 4, 4];
  const cube = maskOfBox(shape, [0, 0, 0], [3, 3, 3]);
  expect(measureSurfaces(surfaceDistances(cube, cube, shape, [1, 2, 3])))
    .toEqual({ hd95Mm: 0, hdMm: 0, assdMm: 0, nsd2mm: 1 });
});

Deno.test("measureSurfaces() has no distances where a mask is empty", () => {
  const shape: Vec3 = [2, 2, 2];
  const [none, one] = [new Uint8Array(8), maskAt(shape, [[0, 1, 0]])];
  const measured = (a: Uint8Array, b: Uint8Array) =>
    measureSurfaces(surfaceDistances(a, b, shape, [1, 1, 1]));
  const noDistance = { hd95Mm: null, hdMm: null, assdMm: null };
  expect(measured(none, one)).toEqual({ ...noDistance, nsd2mm: 0 });
  expect(measured(one, none)).toEqual({ ...noDistance, nsd2mm: 0 });
  expect(measured(none, none)).toEqual({ ...noDistance, nsd2mm: null });
});

Deno.test("measureSurfaces() is the same with mask and reference exchanged", () => {
  const shape: Vec3 = [4, 5, 6];
  const masks = fc.array(fc.boolean(), { minLength: 120, maxLength: 120 })
    .map((values) => Uint8Array.from(values, Number));
  fc.assert(
    fc.property(masks, masks, (a, b) => {
      const [there, back] = [
        measureSurfaces(surfaceDistances(a, b, shape, [1, 1.2, 3.3])),
        measureSurfaces(surfaceDistances(b, a, shape, [1, 1.2, 3.3])),
      ];
      expect(there.hd95Mm).toBe(back.hd95Mm);
      // Neither has one where a mask is empty.
      expect(there.assdMm ?? -1).toBeCloseTo(back.assdMm ?? -1, 12);
    }),
    { numRuns: 50 },
  );
});
