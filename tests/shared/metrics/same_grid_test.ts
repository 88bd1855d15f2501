import { expect } from "@std/expect";
import type { Affine, Vec3 } from "../../../shared/imaging/volume.ts";
import { gridDifference } from "../../../shared/metrics/same_grid.ts";
import { scaled } from "./volumes.ts";

const SHAPE: Vec3 = [100, 100, 300];

function difference(shape: Vec3, affine: Affine): string | null {
  return gridDifference(
    { shape: SHAPE, affine: scaled([4, 4, 4], [-200, -200, 0]) },
    "the mask",
    { shape, affine },
    "its label",
  );
}

Deno.test("gridDifference() overlooks the rounding of 32-bit headers", () => {
  const rounded = scaled([4, 4, 4.00001], [-200.0001, -200, 0]);
  expect(difference(SHAPE, rounded)).toBe(null);
});

Deno.test("gridDifference() names both shapes", () => {
  expect(difference([100, 100, 299], scaled([4, 4, 4], [-200, -200, 0])))
    .toBe("its label has shape 100x100x299, the mask 100x100x300");
});

Deno.test("gridDifference() names both affines", () => {
  expect(difference(SHAPE, scaled([4, 4, 4], [-200, -198, 0]))).toBe(
    "its label lies up to 2.00 mm away from the mask " +
      "(affine [4 0 0 -200; 0 4 0 -198; 0 0 4 0], not [4 0 0 -200; 0 4 0 -200; 0 0 4 0])",
  );
});

Deno.test("gridDifference() sees a small error of spacing where it adds up", () => {
  expect(difference(SHAPE, scaled([4, 4, 4.021], [-200, -200, 0])))
    .toContain("6.28 mm");
});

Deno.test("gridDifference() sees a flipped axis", () => {
  expect(difference(SHAPE, scaled([-4, 4, 4], [196, -200, 0])))
    .toContain("396.00 mm");
});
