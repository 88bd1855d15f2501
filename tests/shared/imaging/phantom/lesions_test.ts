import { expect } from "@std/expect";
import { makeBody } from "../../../../shared/imaging/phantom/body.ts";
import { makeLesions } from "../../../../shared/imaging/phantom/lesions.ts";
import {
  HOT_SUV,
  makeOrgans,
} from "../../../../shared/imaging/phantom/organs.ts";
import { mark } from "../../../../shared/imaging/phantom/paint.ts";
import { placeBody } from "../../../../shared/imaging/phantom/placement.ts";
import { Random } from "../../../../shared/imaging/phantom/random.ts";
import type { Vec3 } from "../../../../shared/imaging/volume.ts";

const SHAPE: Vec3 = [144, 144, 250];
const SPACING_MM: Vec3 = [4, 4, 4];

function makeCase(index: number, backgroundSuv: number) {
  const random = new Random(11, index);
  const placement = placeBody(random, SHAPE, SPACING_MM);
  const body = makeBody(random, placement.armsRaised);
  const organs = makeOrgans(random);
  const lesions = makeLesions(random, {
    placement,
    spacingMm: SPACING_MM,
    body,
    organs,
    suvAt: (point) =>
      point.every((value, axis) =>
          isWithin(placement.coordinates[axis]!, value)
        )
        ? backgroundSuv
        : undefined,
  });
  return { placement, body, organs, lesions };
}

function isWithin(axis: Float64Array, value: number): boolean {
  const ends = [axis[0]!, axis.at(-1)!];
  return value >= Math.min(...ends) && value <= Math.max(...ends);
}

Deno.test("makeLesions() keeps every lesion inside the body and out of hot organs", () => {
  for (let index = 0; index < 12; index++) {
    const { placement, body, organs, lesions } = makeCase(index, 0.6);
    const hot = organs.filter(({ suv }) => suv >= HOT_SUV);
    expect(hot.length).toBeGreaterThan(2);
    const [xs, ys, zs] = placement.coordinates;
    for (const { lobes } of lesions) {
      const label = new Uint8Array(SHAPE[0] * SHAPE[1] * SHAPE[2]);
      for (const lobe of lobes) {
        mark(label, { ...placement, shape: SHAPE }, lobe);
      }
      let voxels = 0;
      for (let n = label.indexOf(1); n !== -1; n = label.indexOf(1, n + 1)) {
        voxels++;
        const k = n % SHAPE[2];
        const j = Math.floor(n / SHAPE[2]) % SHAPE[1];
        const i = Math.floor(n / (SHAPE[1] * SHAPE[2]));
        const point = [xs[i]!, ys[j]!, zs[k]!] as const;
        expect(body.some((part) => part.depthMm(...point) > 0)).toBe(true);
        expect(hot.some(({ shape }) => shape.depthMm(...point) > 0)).toBe(
          false,
        );
      }
      const ml = voxels * 0.064;
      expect(ml).toBeGreaterThan(0.1);
      expect(ml).toBeLessThan(80);
    }
  }
});

Deno.test("makeLesions() makes single lesions and many, small and large, faint and hot", () => {
  const cases = Array.from(
    { length: 40 },
    (_, index) => makeCase(index, 0.6).lesions,
  );
  const counts = cases.map((lesions) => lesions.length);
  expect(Math.min(...counts)).toBeLessThanOrEqual(2);
  expect(Math.max(...counts)).toBeGreaterThanOrEqual(20);
  const lesions = cases.flat();
  const suvs = lesions.map(({ suv }) => suv);
  expect(Math.min(...suvs)).toBeGreaterThanOrEqual(2);
  expect(Math.min(...suvs)).toBeLessThan(3);
  expect(Math.max(...suvs)).toBeLessThanOrEqual(15);
  expect(Math.max(...suvs)).toBeGreaterThan(11);
  const widths = lesions.map(({ lobes }) =>
    lobes[0]!.to[2] - lobes[0]!.from[2]
  );
  expect(Math.min(...widths)).toBeLessThan(9);
  expect(Math.max(...widths)).toBeGreaterThan(36);
});

Deno.test("makeLesions() makes lesions twice as hot as the tissue they grow in", () => {
  for (const { suv } of makeCase(3, 5).lesions) {
    expect(suv).toBeGreaterThanOrEqual(10);
  }
});
